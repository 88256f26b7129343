//go:build linux

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// A reader holds the stream of phgen dev open, as its page does.
type reader struct {
	told    uint64      // events in messages, with those that they skip
	at      []time.Time // of each message
	bytes   int64
	largest int   // message
	err     error // why the stream ended; nil when ctx did
}

// read reads until ctx ends. It sends on open when the stream is.
func (r *reader) read(ctx context.Context, url string, open chan<- struct{}) {
	r.err = r.follow(ctx, url, open)
	if ctx.Err() != nil {
		r.err = nil
	}
}

func (r *reader) follow(ctx context.Context, url string, open chan<- struct{}) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/api/stream", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	lines := bufio.NewReader(res.Body)
	var event string
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return fmt.Errorf("the stream ended: %w", err)
		}
		r.bytes += int64(len(line))
		line = strings.TrimSuffix(line, "\n")
		if name, ok := strings.CutPrefix(line, "event: "); ok {
			event = name
			r.at = append(r.at, time.Now())
		}
		data, ok := strings.CutPrefix(line, "data: ")
		if !ok {
			continue
		}
		r.largest = max(r.largest, len(data))
		switch event {
		case "hello":
			open <- struct{}{}
		case "rows":
			if err := r.count(data); err != nil {
				return err
			}
		}
	}
}

// count adds up the events of a message.
func (r *reader) count(data string) error {
	var message struct {
		Rows    []struct{} `json:"rows"`
		Skipped uint64     `json:"skipped"`
	}
	if err := json.Unmarshal([]byte(data), &message); err != nil {
		return fmt.Errorf("reading a message of the stream: %w", err)
	}
	r.told += uint64(len(message.Rows)) + message.Skipped
	return nil
}

// busiest returns the most messages within any such time.
func (r *reader) busiest(within time.Duration) int {
	most, first := 0, 0
	for i, at := range r.at {
		for at.Sub(r.at[first]) >= within {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}
