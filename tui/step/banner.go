package step

import (
	"strings"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
	"wardlight/tui/draw"
)

// PatientBanner returns the patient's banner, w cells wide (NHS Common User Interface, patient banner): name, Born and
// age, Gender, NHS No. A long name is wrapped and never truncated. If the patient has died, the banner has other words
// and a pattern. p is nil while the record is being requested, or if that failed: then only the number is shown.
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
			if text.Width(row)+text.Width(c.death(*p)) > w { // the words about the death are never truncated
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

// BannerFacts returns the facts below the name in the banner.
func (c *Common) BannerFacts(p client.Patient) []Fact {
	born := p.Born.String()
	if age := nhs.Age(p.Born, c.Now()); age != "" && p.Died.IsZero() {
		born += " (" + age + ")"
	}
	return []Fact{{wordBornLabel, born}, {wordGenderLabel, p.Gender.Display()}, {WordNHSNo, p.Number.String()}}
}

// DeathFacts returns the date of death and the age at death.
func (c *Common) DeathFacts(p client.Patient) []Fact {
	all := []Fact{{WordDied, p.Died.String()}}
	if age := nhs.Age(p.Born, p.Died.Time(c.Location)); age != "" {
		all = append(all, Fact{wordAgeAtDeath, age})
	}
	return all
}

// death returns the date of death and the age at death as text.
func (c *Common) death(p client.Patient) string {
	words := ""
	for _, f := range c.DeathFacts(p) {
		words += "   " + f.Label + " " + f.Value
	}
	return words + "  "
}

// dead appends the date of death to row, and a pattern over the rest of the line.
func (c *Common) dead(row string, p client.Patient, w int) string {
	row += c.Styles.Banner.Bold(true).Render(c.death(p))
	if n := w - text.Width(row) - 1; n > 0 {
		row += c.Styles.Banner.Render(strings.Repeat(draw.SignDead, n))
	}
	return row
}

// band truncates or pads a line of the banner to w cells.
func (c *Common) band(row string, w int) string {
	row = text.Truncate(row, w)
	return row + c.Styles.Banner.Render(strings.Repeat(" ", max(0, w-text.Width(row))))
}
