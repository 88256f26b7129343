package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/internal/spool"
	ph "github.com/phgen/phgen/runtime"
)

func newSpoolReplay() *cobra.Command {
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "replay dir",
		Short: "Deliver what waits on disk",
		Long: `Replay delivers the events of a project that processes left below a spool directory, with
the uuids and timestamps they have. The project is that of POSTHOG_API_KEY, and
POSTHOG_HOST says where it is, https://us.i.posthog.com without it. Live logs are left to their processes. It exits with
5 if an event was lost, or still waits after the timeout.`,
		Args:              theDirectory,
		ValidArgsFunction: completeDirectory,
		RunE: func(cmd *cobra.Command, args []string) error {
			if timeout <= 0 {
				return fmt.Errorf("--timeout is %v and must be positive", timeout)
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer context.AfterFunc(ctx, stop)() // a second signal ends the program
			ctx, cancel := context.WithTimeout(ctx, timeout)
			defer cancel()
			return replay(ctx, cmd.OutOrStdout(), cmd.ErrOrStderr(), args[0])
		},
	}
	cmd.Flags().DurationVar(&timeout, "timeout", 10*time.Minute, "how long delivery is tried")
	return cmd
}

// waitingFor counts the events of a project in abandoned logs, those in live logs, and those
// of other projects.
func waitingFor(dir, apiKey string) (own, live, others uint64, err error) {
	lanes, err := inspectLanes(dir)
	if err != nil {
		return 0, 0, 0, err
	}
	for _, l := range lanes {
		for _, log := range l.Logs {
			switch {
			case log.State == "live":
				live += log.Events
			case log.State != "abandoned":
			case filepath.Base(l.dir) == spool.LaneDir(apiKey, l.Lane):
				own += log.Events
			default:
				others += log.Events
			}
		}
	}
	return own, live, others, nil
}

func replay(ctx context.Context, data, talk io.Writer, dir string) error {
	cfg, err := ph.ConfigFromEnv()
	switch {
	case err != nil:
		return err
	case cfg.APIKey == "":
		return errors.New("set POSTHOG_API_KEY to the key of the project whose events are to be delivered")
	case cfg.Disabled:
		return errors.New("POSTHOG_DISABLED or DO_NOT_TRACK is set: nothing is delivered")
	}
	own, live, others, err := waitingFor(dir, cfg.APIKey)
	if err != nil {
		return err
	}
	if live > 0 {
		fmt.Fprintf(talk, "%s in use by running processes, which deliver them\n", plural(int(live), "event"))
	}
	if others > 0 {
		fmt.Fprintf(talk, "%s of other projects wait, too; their keys deliver them\n", plural(int(others), "event"))
	}
	if own == 0 {
		_, err := fmt.Fprintln(data, "no event of this project waits")
		return err
	}
	cfg.SpoolDir, cfg.SpoolBytes, cfg.MaxAge = dir, math.MaxInt64, 100*365*24*time.Hour // whatever there is
	cfg.Logger = slog.New(slog.NewTextHandler(talk, nil))
	client, err := ph.New(cfg)
	if err != nil {
		return err
	}
	drain(ctx, client, own)
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = client.Close(closing) // what was not delivered is in the figures
	left, _, _, err := waitingFor(dir, cfg.APIKey)
	if err != nil {
		return err
	}
	s := client.Stats()
	fmt.Fprintf(data, "delivered %s, lost %d, %d still waiting\n", plural(int(s.Sent), "event"), s.Lost, left)
	if s.Lost+left > 0 {
		return errRemote
	}
	return nil
}

// drain waits until the client has delivered what waits on disk, or ctx ends. Somebody
// else may deliver some of it.
func drain(ctx context.Context, client *ph.Client, events uint64) {
	const step, enough = 50 * time.Millisecond, 40
	for quiet := 0; ; {
		s := client.Stats()
		switch {
		case s.Spooled+s.Queued+s.InFlight > 0:
			quiet = 0
		case s.Accepted >= events || quiet >= enough:
			return
		default:
			quiet++
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(step):
		}
	}
}
