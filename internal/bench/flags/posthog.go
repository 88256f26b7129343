//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/goccy/go-json"
	"github.com/posthog/posthog-go"
)

// served answers every request with a document.
type served []byte

// RoundTrip returns the document.
func (s served) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(s))}, nil
}

// newPosthog returns posthog-go's client. Its load is
// the JSON step alone; what it does after that is not exported.
func newPosthog(p *project) (*contender, error) {
	client, err := posthog.NewWithConfig("phc_bench", posthog.Config{
		SecretKey: "phs_bench",
		Transport: served(p.document),
		Interval:  time.Hour,

		DefaultFeatureFlagsPollingInterval: time.Hour,
	})
	if err != nil {
		return nil, err
	}
	silent, loud := false, true // about values
	payloads := make([]posthog.FeatureFlagPayload, len(users))
	for i, u := range users {
		payloads[i] = posthog.FeatureFlagPayload{
			DistinctId:            u.id,
			PersonProperties:      u.properties(p.properties),
			Groups:                posthog.Groups{"organization": u.organization},
			GroupProperties:       map[string]posthog.Properties{"organization": {}},
			OnlyEvaluateLocally:   true,
			SendFeatureFlagEvents: &silent,
		}
	}
	one := func(flag, user int) (any, error) {
		payload := payloads[user]
		payload.Key = p.keys[flag]
		return client.GetFeatureFlag(payload)
	}
	return &contender{
		name: "posthog-go",
		one: func(flag, user int) error {
			_, err := one(flag, user)
			return err
		},
		seen: func(flag, user int) error {
			payload := payloads[user]
			payload.Key, payload.SendFeatureFlagEvents = p.keys[flag], &loud
			_, err := client.GetFeatureFlag(payload)
			return err
		},
		all: func(user int) error {
			q := &payloads[user]
			all, err := client.GetAllFlags(posthog.FeatureFlagPayloadNoKey{
				DistinctId:          q.DistinctId,
				PersonProperties:    q.PersonProperties,
				Groups:              q.Groups,
				GroupProperties:     q.GroupProperties,
				OnlyEvaluateLocally: true,
			})
			if err == nil && len(all) != len(p.keys) {
				err = fmt.Errorf("posthog-go evaluated %d flags of %d", len(all), len(p.keys))
			}
			return err
		},
		load: func() error {
			var response posthog.FeatureFlagsResponse
			if err := json.Unmarshal(p.document, &response); err != nil {
				return err
			}
			if len(response.Flags) != len(p.keys) {
				return errors.New("posthog-go lost flags")
			}
			return nil
		},
		value: func(flag, user int) (string, error) {
			v, err := one(flag, user)
			return fmt.Sprint(v), err
		},
		close: client.Close,
	}, nil
}
