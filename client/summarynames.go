package client

import "wardlight/internal/summary"

// Names for the types of a Summary Care Record, for other modules.
type (
	SummaryDocument      = summary.Summary
	SummaryDocumentState = summary.State
	SummarySection       = summary.Section
	SummarySectionState  = summary.SectionState
	SummaryBlock         = summary.Block
	SummaryPart          = summary.Part
	SummaryLine          = summary.Line
	SummaryLineKind      = summary.Kind
)
