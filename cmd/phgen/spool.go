package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/internal/spool"
)

func newSpool() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "spool",
		Short: "Look into the events that wait on disk",
		Long: `Spool is for the directory that an application names in Config.SpoolDir: there its
events wait until PostHog has taken them, also while no process runs.`,
		Args: noCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newSpoolInspect(), newSpoolReplay(), newSpoolPurge())
	return cmd
}

func newSpoolInspect() *cobra.Command {
	format := oneOf{words: []string{"text", "json"}}
	cmd := &cobra.Command{
		Use:   "inspect dir",
		Short: "Tell what waits on disk, without touching it",
		Long: `Inspect reads every log below a spool directory. It changes nothing and hinders no
process. A live log belongs to a running process; an abandoned one waits for the next.

Logs are listed by project, which is a fingerprint of the project key, and by lane: v0,
v1 or ai, the protocol that the events are written for.`,
		Args:              theDirectory,
		ValidArgsFunction: completeDirectory,
		RunE: func(cmd *cobra.Command, args []string) error {
			lanes, err := inspectLanes(args[0])
			if err != nil {
				return err
			}
			if format.word == "json" {
				return printJSON(cmd.OutOrStdout(), lanes)
			}
			return printLanes(cmd.OutOrStdout(), args[0], lanes)
		},
	}
	format.addTo(cmd, "format", "how to print what was found")
	return cmd
}

func newSpoolPurge() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "purge dir",
		Short: "Throw away what waits on disk",
		Long: `Purge removes the abandoned logs below a spool directory, with the events in them,
and the segments that were set aside because they could not be read. It leaves live
logs, and those of a later version, as they are; live ones make it exit with 2.`,
		Args:              theDirectory,
		ValidArgsFunction: completeDirectory,
		RunE: func(cmd *cobra.Command, args []string) error {
			lanes, err := inspectLanes(args[0])
			if err != nil {
				return err
			}
			if !yes {
				return wouldPurge(lanes)
			}
			return purge(cmd.ErrOrStderr(), args[0], lanes)
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "remove them")
	return cmd
}

// theDirectory accepts one argument.
func theDirectory(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf(`name the spool directory; see "%s --help"`, cmd.CommandPath())
	}
	return upTo(1)(cmd, args)
}

func completeDirectory(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// A lane is one directory of a spool: the events of one project for one endpoint.
type lane struct {
	dir      string
	Project  string     `json:"project"` // fingerprint of the project key
	Lane     string     `json:"lane"`    // v0, v1 or ai
	Logs     []spoolLog `json:"logs"`
	SetAside []string   `json:"setAside"` // segments that could not be read
}

// A spoolLog is what one process left. Keys are only ever added to it.
type spoolLog struct {
	Name     string     `json:"name"`
	State    string     `json:"state"` // live, abandoned or later-version
	PID      int        `json:"pid"`
	Created  time.Time  `json:"created"`
	Segments int        `json:"segments"`
	Bytes    int64      `json:"bytes"`
	Events   uint64     `json:"events"`
	Damaged  uint64     `json:"damaged"`          // of the events
	Oldest   *time.Time `json:"oldest,omitempty"` // of the events that can be read
}

var laneName = regexp.MustCompile(`^([0-9a-f]{16})-(v0|v1|ai)$`)

// inspectLanes reads all lanes below a spool directory.
func inspectLanes(dir string) ([]lane, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the spool: %w", err)
	}
	lanes := []lane{}
	for _, e := range entries {
		name := laneName.FindStringSubmatch(e.Name())
		if name == nil || !e.IsDir() {
			continue
		}
		l := lane{dir: filepath.Join(dir, e.Name()), Project: name[1], Lane: name[2], Logs: []spoolLog{}, SetAside: []string{}}
		contents, err := spool.Inspect(l.dir)
		if err != nil {
			return nil, fmt.Errorf("reading the spool: %w", err)
		}
		l.SetAside = append(l.SetAside, contents.SetAside...)
		for _, found := range contents.Logs {
			l.Logs = append(l.Logs, newSpoolLog(found))
		}
		lanes = append(lanes, l)
	}
	return lanes, nil
}

func newSpoolLog(l spool.Log) spoolLog {
	state := "abandoned"
	switch {
	case l.Live:
		state = "live"
	case l.Later:
		state = "later-version"
	}
	log := spoolLog{
		Name: l.Name, State: state, PID: l.PID, Created: l.Created.UTC(),
		Segments: l.Segments, Bytes: l.Bytes, Events: l.Events, Damaged: l.Damaged,
	}
	if !l.Oldest.IsZero() {
		log.Oldest = &l.Oldest
	}
	return log
}

func printJSON(w io.Writer, lanes []lane) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(struct {
		Version int    `json:"version"`
		Lanes   []lane `json:"lanes"`
	}{1, lanes})
}

func printLanes(w io.Writer, dir string, lanes []lane) error {
	var text strings.Builder
	for i, l := range lanes {
		if i > 0 {
			text.WriteByte('\n')
		}
		fmt.Fprintf(&text, "project %s, lane %s\n", l.Project, l.Lane)
		table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
		if len(l.Logs)+len(l.SetAside) == 0 {
			fmt.Fprintln(table, "  nothing waits")
		}
		if len(l.Logs) > 0 {
			fmt.Fprintln(table, "  log\tstate\twritten by\tsegments\tbytes\tevents\tdamaged\toldest")
		}
		for _, log := range l.Logs {
			oldest := "-"
			if log.Oldest != nil {
				oldest = log.Oldest.Format(time.RFC3339)
			}
			fmt.Fprintf(table, "  %s\t%s\t%d\t%d\t%d\t%d\t%d\t%s\n", log.Name, log.State, log.PID, log.Segments, log.Bytes, log.Events, log.Damaged, oldest)
		}
		if err := table.Flush(); err != nil {
			return err
		}
		for _, name := range l.SetAside {
			fmt.Fprintf(&text, "  set aside: %s\n", printable(name))
		}
	}
	if len(lanes) == 0 {
		fmt.Fprintf(&text, "%s: there is no spool here\n", printable(filepath.ToSlash(dir)))
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// wouldPurge says what purge would remove.
func wouldPurge(lanes []lane) error {
	logs, events, aside := 0, 0, 0
	for _, l := range lanes {
		aside += len(l.SetAside)
		for _, log := range l.Logs {
			if log.State == "abandoned" {
				logs, events = logs+1, events+int(log.Events)
			}
		}
	}
	return fmt.Errorf("%s of %s and %s set aside would be lost; add --yes to remove them",
		plural(events, "event"), plural(logs, "abandoned log"), plural(aside, "segment"))
}

func purge(talk io.Writer, dir string, lanes []lane) error {
	logs, events, aside := 0, 0, 0
	var errs []error
	for _, l := range lanes {
		removed, err := spool.Purge(l.dir)
		if err != nil {
			errs = append(errs, fmt.Errorf("purging the spool: %w", err))
		}
		logs, aside = logs+len(removed.Logs), aside+len(removed.SetAside)
		for _, log := range removed.Logs {
			events += int(log.Events)
		}
		for _, log := range l.Logs {
			if log.State == "live" {
				errs = append(errs, fmt.Errorf("%s: in use by a running process; process %d wrote it", filepath.Join(l.dir, log.Name), log.PID))
			}
		}
	}
	fmt.Fprintf(talk, "%s: removed %s of %s and %s set aside\n", printable(filepath.ToSlash(dir)),
		plural(events, "event"), plural(logs, "log"), plural(aside, "segment"))
	return errors.Join(errs...)
}
