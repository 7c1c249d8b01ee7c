package trace

// ShortForm reports whether of two folded given names one is a known short form of the other, or its spelling in another language:
// Tess and Theresa, Bob and Robert (diminutives.txt).
func (s *Service) ShortForm(a, b string) bool { return s.variants.related(a, b) }
