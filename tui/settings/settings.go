// Package settings reads the settings of the terminal program, including the keys of its screens.
package settings

import (
	"errors"

	"wardlight/internal/config"
	"wardlight/internal/config/wardlight"
	"wardlight/tui/step"
)

// Load reads the settings and rejects invalid keys. Errors are *config.Error.
func Load(from config.Sources) (*wardlight.Config, error) {
	c, err := wardlight.Load(from, actions()...)
	if err != nil {
		return nil, err
	}
	_, err = step.Keys(c.Screen.Keys)
	var refused *step.KeyError
	if errors.As(err, &refused) {
		key := "keys." + refused.Action
		return nil, &config.Error{Where: c.Origin(key), Key: key, Problem: refused.Problem, Hint: refused.Hint}
	}
	return c, err
}

// actions returns the actions whose keys can be set.
func actions() []wardlight.Action {
	card, _ := step.Keys(nil) // the default keys are valid
	var all []wardlight.Action
	for _, l := range card {
		if !l.Fixed {
			all = append(all, wardlight.Action{Name: l.Action, Default: l.Set})
		}
	}
	return all
}
