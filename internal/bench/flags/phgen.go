//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/flags"
)

// newEvaluator returns the evaluator alone.
func newEvaluator(p *project) (*contender, error) {
	defs, err := flags.Parse(p.document)
	if err != nil {
		return nil, err
	}
	for _, problem := range defs.Problems() {
		return nil, problem
	}
	queries := make([]flags.Query, len(users))
	for i, u := range users {
		queries[i] = flags.Query{
			DistinctID: u.id,
			Person:     u.properties(p.properties),
			Groups:     map[string]string{"organization": u.organization},
			Now:        time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC),
		}
	}
	one := func(flag, user int) (flags.Result, error) {
		r := defs.Evaluate(p.keys[flag], &queries[user])
		if !r.Decided() {
			return r, fmt.Errorf("phgen: %s is undecided: %v, %v", p.keys[flag], r.Reason, r.Need)
		}
		return r, nil
	}
	var results []flags.Result
	return &contender{
		name: "phgen evaluator",
		one: func(flag, user int) error {
			_, err := one(flag, user)
			return err
		},
		all: func(user int) error {
			results = defs.EvaluateAll(&queries[user], results)
			return nil
		},
		load: func() error {
			loaded, err := flags.Parse(p.document)
			if err == nil && loaded.Len() != len(p.keys) {
				err = errors.New("phgen lost flags")
			}
			return err
		},
		value: func(flag, user int) (string, error) {
			r, err := one(flag, user)
			return r.Value.String(), err
		},
	}, nil
}

// newClient returns the client. Its load is that of the evaluator.
func newClient(p *project) (*contender, error) {
	client, err := ph.New(ph.Config{APIKey: "phc_bench", FlagDefinitions: p.document, LocalFlagsOnly: true, Transport: served(`{}`)})
	if err != nil {
		return nil, err
	}
	contexts := make([]context.Context, len(users))
	for i, u := range users {
		contexts[i] = ph.With(context.Background(), ph.UseClient(client), ph.User(u.id),
			ph.PersonFlagProperties(u.properties(p.properties)), ph.GroupFlagProperties("organization", u.organization, nil))
	}
	silent := ph.NoExposure()
	one := func(flag, user int) (ph.FlagValue, error) {
		v, ok := client.Flag(contexts[user], p.keys[flag], silent)
		if !ok {
			return v, client.FlagDetail(contexts[user], p.keys[flag], silent).Err
		}
		return v, nil
	}
	return &contender{
		name: "phgen client",
		one: func(flag, user int) error {
			_, err := one(flag, user)
			return err
		},
		seen: func(flag, user int) error {
			_, ok := client.Flag(contexts[user], p.keys[flag])
			if !ok {
				return client.FlagDetail(contexts[user], p.keys[flag]).Err
			}
			return nil
		},
		all: func(user int) error {
			all, err := client.AllFlags(contexts[user])
			if err == nil && len(all) != len(p.keys) {
				err = fmt.Errorf("phgen evaluated %d flags of %d", len(all), len(p.keys))
			}
			return err
		},
		value: func(flag, user int) (string, error) {
			v, err := one(flag, user)
			return v.String(), err
		},
		close: func() error { return client.Close(context.Background()) },
	}, nil
}
