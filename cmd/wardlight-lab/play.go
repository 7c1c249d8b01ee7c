package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"wardlight/internal/cli"
	"wardlight/internal/lab/demo"
	"wardlight/internal/lab/play"
	"wardlight/internal/lab/scenario"
	"wardlight/internal/text"
)

// playFlags are the flags of play.
type playFlags struct {
	dataset  string
	pictures string
	timeout  time.Duration
}

func newPlay(env environment) *cobra.Command {
	var f playFlags
	cmd := &cobra.Command{
		Use:   "play FILE...",
		Short: "Run scenarios: a site's own test cases and exercises",
		Long: `Run scenarios: a site's own test cases and exercises.

A FILE has a step a line: what somebody at the front door does and sees. A Markdown document (.md) has its steps in boxes that
begin with ` + "```scenario" + `. docs/scenarios.md describes every step.

Each FILE is played with the program wardlight beside this one, in a world of its own: a smartcard service, a hub, local authorities, a
record system and, where a step needs it, a printer. All of it is on this computer, and nothing of it stays. It prints "ok FILE", or
"FAIL FILE:LINE:" with what was seen and the screen.

With --world the hub begins with what is in a folder, in place of the demo's people: people.ndjson and plans.ndjson (as wardlight-hub
imports them), authorities.toml and hub.toml (the hub's settings). Each may be missing, but not all.

The exit code is 0 when every FILE is ok, 1 when one fails, and 2 when a FILE or the world does not read; then nothing is played.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cli.UsageError{Err: fmt.Errorf("usage: %s", cmd.UseLine())}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, files []string) error {
			if f.timeout <= 0 {
				return cli.UsageError{Err: fmt.Errorf("--timeout must be a time such as 1m, not %v", f.timeout)}
			}
			return runPlay(cmd.Context(), env, f, files)
		},
	}

	cmd.Flags().StringVar(&f.dataset, "world", "", "start with the people, plans, authorities and settings in `FOLDER`")
	cmd.Flags().StringVar(&f.pictures, "pictures", "", "write the pictures of picture steps into `FOLDER` "+
		"(default: skip these steps)")
	cmd.Flags().DurationVar(&f.timeout, "timeout", scenario.DefaultStepTimeout,
		"how long a step waits for the expected result")
	return cmd
}

// runPlay plays the scenarios in files one after the other.
func runPlay(ctx context.Context, env environment, f playFlags, files []string) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	scenarios, err := readScenarios(files)
	if err != nil {
		return cli.UsageError{Err: err}
	}

	program, err := env.programPath("wardlight")
	if err != nil {
		return err
	}

	dataset, err := readDataset(ctx, env, f.dataset)
	if err != nil {
		return err
	}

	failed := false
	for i, s := range scenarios {
		o := play.Options{
			Program: program, Folder: filepath.Dir(files[i]), Dataset: dataset, Start: s.StartTime(),
			Prints: s.Has(scenario.Printed),
		}

		err := playOne(ctx, s, o, scenario.Options{ScreenshotFolder: f.pictures, Draw: true, StepTimeout: f.timeout})
		var failure *scenario.Failure
		switch {
		case ctx.Err() != nil:
			return errors.New("stopped; the files were removed")
		case errors.As(err, &failure):
			failed = true
			fmt.Fprintln(env.out, "FAIL", printable(failure.Error()))
		case err != nil:
			return err
		default:
			fmt.Fprintln(env.out, "ok", files[i])
		}
	}

	if failed {
		return cli.ErrFailed
	}

	return nil
}

// playOne plays a scenario in a new world.
func playOne(ctx context.Context, s scenario.Scenario, dataset play.Options, o scenario.Options) (err error) {
	stage, err := play.Open(ctx, dataset)
	var refused *demo.RefusedError
	if errors.As(err, &refused) {
		return cli.UsageError{Err: refused}
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stage.Close()) }()
	return scenario.Play(ctx, s, stage, o)
}

// readScenarios parses all files. The error has a line for each invalid file.
func readScenarios(files []string) ([]scenario.Scenario, error) {
	var all []scenario.Scenario
	var errs []error
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		parse := scenario.Parse
		if strings.EqualFold(filepath.Ext(file), ".md") {
			parse = scenario.ParseDocument
		}
		s, err := parse(file, string(content))
		all, errs = append(all, s), append(errs, err)
	}
	return all, errors.Join(errs...)
}

// readDataset reads the world in a folder, or returns the demo's for "".
func readDataset(ctx context.Context, env environment, folder string) (*demo.InitialData, error) {
	if folder == "" {
		return nil, nil
	}
	hub, err := env.programPath("wardlight-hub")
	if err != nil {
		return nil, err
	}
	dataset, err := play.ReadDataset(ctx, folder, hub)
	if err != nil {
		return nil, cli.UsageError{Err: fmt.Errorf("--world %s: %w", folder, err)}
	}
	return dataset, nil
}

// printable returns lines without control characters.
func printable(lines string) string {
	all := strings.Split(lines, "\n")
	for i, line := range all {
		all[i] = strings.TrimRight(text.Clean(line, 0), " ")
	}
	return strings.Join(all, "\n")
}

// programPath returns the path of another program in this program's folder.
func programPath(name string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	path := filepath.Join(filepath.Dir(self), name)
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%s is not in the folder of wardlight-lab: put the programs of one version into one "+
			"folder (%w)", name, err)
	}
	return path, nil
}
