package wardlight

import "wardlight/internal/config"

// Screen is how the screens look and what keys they have.
type Screen struct {
	Theme string            // screen.theme: default, high-contrast or mono
	ASCII bool              // screen.ascii: nothing beyond ASCII, whatever the locale says
	Plain bool              // screen.plain: in lines, whatever the terminal can do
	Clear bool              // screen.clear: in lines, the terminal is cleared when a session ends
	Keys  map[string]string // keys.*, by action
}

// Action is something that a key does on the screens, with its usual key.
type Action struct{ Name, Usual string }

// program returns all settings. Those of the table [keys] are made from the actions.
func program(actions []Action) config.Program[Config] {
	p := front()
	p.Keys = append(p.Keys, screen()...)
	for _, a := range actions {
		p.Keys = append(p.Keys, config.Key[Config]{
			Name: "keys." + a.Name, Usual: a.Usual, Form: "a letter or sign such as x, or Ctrl with a letter such as ctrl+g",
			Take: func(c *Config, s string) error {
				if c.Screen.Keys == nil {
					c.Screen.Keys = make(map[string]string)
				}
				c.Screen.Keys[a.Name] = s
				return config.OneLine(s)
			},
		})
	}
	return p
}

// byTerminal leaves it to what the terminal says of itself.
const byTerminal = "auto"

// screen returns the settings of the table [screen].
func screen() []config.Key[Config] {
	return []config.Key[Config]{
		{Name: "screen.theme", Usual: "default", Form: "default, high-contrast or mono", Take: func(c *Config, s string) (err error) {
			c.Screen.Theme, err = config.ReadOne(s, "default", "high-contrast", "mono")
			return err
		}},
		{Name: "screen.ascii", Usual: byTerminal, Form: "auto or on", Take: func(c *Config, s string) (err error) {
			c.Screen.ASCII, err = readOn(s, byTerminal)
			return err
		}},
		{Name: "screen.plain", Flag: "plain", Usual: byTerminal, Form: "auto or on", Take: func(c *Config, s string) (err error) {
			c.Screen.Plain, err = readOn(s, byTerminal)
			return err
		}},
		{Name: "screen.clear", Usual: "off", Form: "off or on", Take: func(c *Config, s string) (err error) {
			c.Screen.Clear, err = readOn(s, "off")
			return err
		}},
	}
}

// readOn reads "on", or the word for not switching it on.
func readOn(s, otherwise string) (bool, error) {
	word, err := config.ReadOne(s, otherwise, "on")
	return word == "on", err
}
