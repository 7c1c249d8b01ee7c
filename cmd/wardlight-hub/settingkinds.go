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

func text(name, flag, usual, form string, at func(*settings) *string) key {
	return key{Name: name, Flag: flag, Usual: usual, Form: form, Take: func(s *settings, text string) error {
		*at(s) = text
		return config.OneLine(text)
	}}
}

func path(name, flag, usual, form string, at func(*settings) *string) key {
	k := text(name, flag, usual, form, at)
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
	return key{Name: name, Flag: flag, Usual: words[0], Form: form + ": " + strings.Join(words, ", "), Take: func(s *settings, text string) (err error) {
		*at(s), err = config.ReadOne(text, words...)
		return err
	}}
}

func span(name, flag string, usual, least, most time.Duration, at func(*settings) *time.Duration) key {
	form := fmt.Sprintf("a time from %s to %s, such as %s", config.Short(least), config.Short(most), config.Short(usual))
	return key{Name: name, Flag: flag, Usual: config.Short(usual), Form: form, Take: func(s *settings, text string) (err error) {
		*at(s), err = config.ReadSpan(text, least, most)
		return err
	}}
}

func number(name string, usual, least, most int, what string, at func(*settings) *int) key {
	form := fmt.Sprintf("a number of %s from %d to %d, such as %d", what, least, most, usual)
	return key{Name: name, Usual: strconv.Itoa(usual), Form: form, Kind: config.Number, Take: func(s *settings, text string) (err error) {
		*at(s), err = config.ReadNumber(text, least, most)
		return err
	}}
}

// rate returns a setting that limits a rate. 0 means no limit.
func rate(name string, usual int, at func(*limits) *int) key {
	return number(name, usual, 0, maxRate, "requests a minute, 0 for no limit,", func(s *settings) *int { return at(&s.limits) })
}
