package step

import (
	"strings"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
	"wardlight/tui/draw"
)

// PatientBanner returns who the patient is, at the top and in full width (NHS Common User Interface, patient banner):
// name, Born and age, Gender, NHS No. A name is never cut; it takes another line. The banner of the dead differs in
// words and in pattern. p is nil while the record isn't there, or failed to come: then only the number is known.
func (c *Common) PatientBanner(number nhs.Number, p *client.Patient, failed bool, w int) draw.Pane {
	label, value := c.Styles.Banner, c.Styles.Banner.Bold(true)
	if p == nil {
		who := WordRecordAsked
		if failed {
			who = WordRecordFailed
		}
		return draw.Lines(
			c.band(value.Render(" "+who), w),
			c.band(label.Render(" "+WordNHSNo+" ")+value.Render(number.String()), w))
	}
	var out draw.Pane
	names := text.Wrap(p.DisplayName(), w-2)
	for i, name := range names {
		row := value.Render(" " + name)
		if i == len(names)-1 && !p.Died.IsZero() {
			if text.Width(row)+text.Width(c.death(*p)) > w { // what says that somebody has died is never cut
				out.Lines = append(out.Lines, c.band(row, w))
				row = ""
			}
			row = c.dead(row, *p, w)
		}
		out.Lines = append(out.Lines, c.band(row, w))
	}
	var row strings.Builder
	used := 0
	for _, f := range c.BannerFacts(*p) {
		n := 1 + text.Width(f.Label) + 1 + text.Width(f.Value) + 3
		if used > 0 && used+n > w {
			out.Lines = append(out.Lines, c.band(row.String(), w))
			row.Reset()
			used = 0
		}
		row.WriteString(label.Render(" "+f.Label+" ") + value.Render(f.Value) + label.Render("   "))
		used += n
	}
	out.Lines = append(out.Lines, c.band(row.String(), w))
	return out
}

// BannerFacts returns what the banner says below the name.
func (c *Common) BannerFacts(p client.Patient) []Fact {
	born := p.Born.String()
	if age := nhs.Age(p.Born, c.Now()); age != "" && p.Died.IsZero() {
		born += " (" + age + ")"
	}
	return []Fact{{wordBornLabel, born}, {wordGenderLabel, p.Gender.Display()}, {WordNHSNo, p.Number.String()}}
}

// DeathFacts returns when somebody died and how old.
func (c *Common) DeathFacts(p client.Patient) []Fact {
	all := []Fact{{WordDied, p.Died.String()}}
	if age := nhs.Age(p.Born, p.Died.Time(c.Location)); age != "" {
		all = append(all, Fact{wordAgeAtDeath, age})
	}
	return all
}

// death returns when the patient died and at what age, in words.
func (c *Common) death(p client.Patient) string {
	words := ""
	for _, f := range c.DeathFacts(p) {
		words += "   " + f.Label + " " + f.Value
	}
	return words + "  "
}

// dead adds that the patient has died, and a pattern over the rest of the line.
func (c *Common) dead(row string, p client.Patient, w int) string {
	row += c.Styles.Banner.Bold(true).Render(c.death(p))
	if n := w - text.Width(row) - 1; n > 0 {
		row += c.Styles.Banner.Render(strings.Repeat(draw.SignDead, n))
	}
	return row
}

// band fills a line of the banner to the width of the screen.
func (c *Common) band(row string, w int) string {
	row = text.Truncate(row, w)
	return row + c.Styles.Banner.Render(strings.Repeat(" ", max(0, w-text.Width(row))))
}
