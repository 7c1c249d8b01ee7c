package wardlight

import "wardlight/internal/config"

// Screen is the settings of the screens and keys.
type Screen struct {
	Theme string            // screen.theme: default, high-contrast or mono
	ASCII bool              // screen.ascii: use only ASCII, in any locale
	Plain bool              // screen.plain: linear mode on any terminal
	Clear bool              // screen.clear: in linear mode, clear the terminal when a session ends
	Keys  map[string]string // keys.*, by action name
}

// Action is something that a key does on the screens, with its default key.
type Action struct{ Name, Default string }

// program returns all settings. The settings of the table [keys] are derived from the actions.
func program(actions []Action) config.Program[Config] {
	p := baseSettings()
	p.Keys = append(p.Keys, screenSettings()...)
	for _, a := range actions {
		p.Keys = append(p.Keys, config.Key[Config]{
			Name: "keys." + a.Name, Default: a.Default,
			Format: "a letter or sign such as x, or Ctrl with a letter such as ctrl+g",
			Parse: func(c *Config, s string) error {
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

// byTerminal means that the terminal's capabilities decide.
const byTerminal = "auto"

// screenSettings returns the settings of the table [screen].
func screenSettings() []config.Key[Config] {
	return []config.Key[Config]{
		{
			Name: "screen.theme", Default: "default", Format: "default, high-contrast or mono",
			Parse: func(c *Config, s string) (err error) {
				c.Screen.Theme, err = config.ReadOne(s, "default", "high-contrast", "mono")
				return err
			},
		},
		{Name: "screen.ascii", Default: byTerminal, Format: "auto or on", Parse: func(c *Config, s string) (err error) {
			c.Screen.ASCII, err = readOn(s, byTerminal)
			return err
		}},
		{
			Name: "screen.plain", Flag: "plain", Default: byTerminal, Format: "auto or on",
			Parse: func(c *Config, s string) (err error) {
				c.Screen.Plain, err = readOn(s, byTerminal)
				return err
			},
		},
		{Name: "screen.clear", Default: "off", Format: "off or on", Parse: func(c *Config, s string) (err error) {
			c.Screen.Clear, err = readOn(s, "off")
			return err
		}},
	}
}

// readOn parses "on" or the word for the default. It returns true for "on".
func readOn(s, otherwise string) (bool, error) {
	word, err := config.ReadOne(s, otherwise, "on")
	return word == "on", err
}
