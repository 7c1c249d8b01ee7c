package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"wardlight/internal/config"
)

// key is one of the hub's settings.
type key = config.Key[settings]

func text(name, flag, fallback, form string, at func(*settings) *string) key {
	return key{Name: name, Flag: flag, Default: fallback, Format: form, Parse: func(s *settings, text string) error {
		*at(s) = text
		return config.OneLine(text)
	}}
}

func path(name, flag, fallback, form string, at func(*settings) *string) key {
	k := text(name, flag, fallback, form, at)
	k.Kind = config.Path
	return k
}

func secret(name, form string, at func(*settings) *string) key {
	k := text(name, "", "", form, at)
	k.Kind = config.Secret
	return k
}

// word returns a setting whose value is one of words. The first is the default.
func word(name, flag, form string, at func(*settings) *string, words ...string) key {
	return key{
		Name: name, Flag: flag, Default: words[0], Format: form + ": " + strings.Join(words, ", "),
		Parse: func(s *settings, text string) (err error) {
			*at(s), err = config.ReadOne(text, words...)
			return err
		},
	}
}

func span(name, flag string, fallback, lower, limit time.Duration, at func(*settings) *time.Duration) key {
	form := fmt.Sprintf("a time from %s to %s, such as %s", config.Short(lower), config.Short(limit),
		config.Short(fallback))
	return key{
		Name: name, Flag: flag, Default: config.Short(fallback), Format: form,
		Parse: func(s *settings, text string) (err error) {
			*at(s), err = config.ReadSpan(text, lower, limit)
			return err
		},
	}
}

func number(name string, fallback, lower, limit int, what string, at func(*settings) *int) key {
	form := fmt.Sprintf("a number of %s from %d to %d, such as %d", what, lower, limit, fallback)
	return key{
		Name: name, Default: strconv.Itoa(fallback), Format: form, Kind: config.Number,
		Parse: func(s *settings, text string) (err error) {
			*at(s), err = config.ReadNumber(text, lower, limit)
			return err
		},
	}
}

// rate returns a setting that limits a rate. 0 means no limit.
func rate(name string, fallback int, at func(*limits) *int) key {
	return number(name, fallback, 0, maxRate, "requests a minute, 0 for no limit,", func(s *settings) *int {
		return at(&s.limits)
	})
}
