package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/internal/dev/relay"
	"github.com/phgen/phgen/internal/eventfile"
)

func newReplay() *cobra.Command {
	var (
		target   relay.Target
		patience time.Duration
	)
	cmd := &cobra.Command{
		Use:   "replay FILE",
		Short: "Send the events of a file again",
		Long: `Replay sends the events of a file, as "phgen dev --record" writes it or "phgen verify"
reads it, in its order, with the uuids and timestamps that they have; - is standard
input. PostHog folds copies of one event, so a replay that broke off is simply run again.

They go to the "phgen dev" of this machine, or the one that runs this command. --host
names another PostHog, whose project key is --api-key, or POSTHOG_API_KEY, which does not
show it to everybody on the machine. With --historical it takes them for an import of old
data.

Exit status: 5 if an event was lost, 1 if a part of the file held no event.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("name one file of events, or - for standard input")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if patience <= 0 {
				return fmt.Errorf("--timeout is %v and must be positive", patience)
			}
			if err := aim(cmd.Context(), &target); err != nil {
				return err
			}
			return runReplay(cmd, target, patience, args[0])
		},
	}
	f := cmd.Flags()
	f.StringVar(&target.Host, "host", "", "the `address` of another PostHog, like https://us.i.posthog.com")
	f.StringVar(&target.APIKey, "api-key", "", "its project key")
	f.BoolVar(&target.Historical, "historical", false, "say that the events are an import of old data")
	f.DurationVar(&patience, "timeout", 2*time.Minute, "how long delivery is tried once the file is read")
	return cmd
}

// aim completes the target. That of dev must be there: there is nothing to wait for.
func aim(ctx context.Context, t *relay.Target) error {
	if t.Host != "" {
		if t.APIKey == "" {
			t.APIKey = os.Getenv("POSTHOG_API_KEY")
		}
		if t.APIKey == "" {
			return errors.New("give --api-key, or set POSTHOG_API_KEY, to the key of the project that is to get the events")
		}
		return relay.CheckTarget(t.Host, nil)
	}
	t.Host = os.Getenv("PHGEN_DEV_URL")
	if t.Host == "" {
		t.Host = "http://" + devAddress
	}
	if t.APIKey == "" {
		t.APIKey = devKey
	}
	u, err := url.Parse(t.Host)
	if err != nil {
		return fmt.Errorf("PHGEN_DEV_URL: %w", err)
	}
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return fmt.Errorf(`%w; start "phgen dev", or give --host`, err)
	}
	return conn.Close()
}

func runReplay(cmd *cobra.Command, target relay.Target, patience time.Duration, file string) error {
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer context.AfterFunc(ctx, stop)() // a second signal ends the program
	talk := cmd.ErrOrStderr()
	target.Wait, target.Logger = true, slog.New(slog.NewTextHandler(talk, nil))
	sender, err := relay.NewSender(target)
	if err != nil {
		return err
	}
	r := replaying{Sender: sender, talk: talk, quiet: progress(talk, "replaying "+file)}
	defer r.quiet()
	err = openEvents(cmd, file, func(label string, in io.Reader) error { return r.file(ctx, label, in) })
	closing, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_ = sender.Close(closing) // what did not arrive is in the figures
	r.quiet()
	stats := sender.Stats()
	lost := stats.Lost + r.refused
	fmt.Fprintf(cmd.OutOrStdout(), "replayed %s, lost %d\n", plural(int(stats.Sent), "event"), lost)
	switch {
	case err != nil:
		return err
	case lost > 0:
		return errRemote
	case r.unreadable > 0:
		return errFindings
	}
	return nil
}

// A replaying is a file on its way to PostHog.
type replaying struct {
	*relay.Sender
	talk       io.Writer
	quiet      func()
	refused    uint64 // events that could not be sent
	unreadable int    // parts of the file
}

// file sends the events of a file. Its error is one of reading, or that ctx ended.
func (r *replaying) file(ctx context.Context, label string, in io.Reader) error {
	events, err := eventfile.NewReader(in)
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		e, err := events.Next()
		var bad *eventfile.Unreadable
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &bad):
			r.unreadable++
			r.complain(label, bad)
		case err != nil:
			return err
		default:
			if err := r.Send(ctx, relay.Recorded(e)); err != nil {
				r.refused++
				r.complain(label, &eventfile.Unreadable{Place: e.Place, Reason: err.Error()})
			}
		}
	}
	return ctx.Err()
}

func (r *replaying) complain(label string, about *eventfile.Unreadable) {
	r.quiet()
	fmt.Fprintf(r.talk, "%s:%s\n", printable(label), printable(about.Error()))
}
