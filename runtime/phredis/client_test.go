package phredis_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/google/go-cmp/cmp"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phredis"
	"github.com/phgen/phgen/runtime/phtest"
)

// Clients of a fleet: one fetches, all evaluate, another takes over, and an outage of Redis
// makes each fetch for itself.
func TestClients(t *testing.T) {
	store := startRedis(t)
	server := phtest.NewMemoryServer(t)
	server.SetDefinitions([]byte(`{"flags":[{"id":1,"key":"f","active":true,"filters":{"groups":[{"properties":[],"rollout_percentage":100}]}}]}`))
	newClient := func(secret string) *ph.Client {
		client, err := ph.New(ph.Config{
			APIKey: apiKey, SecretKey: secret, Host: server.URL, Transport: server, LocalFlagsOnly: true,
			DefinitionCache: phredis.New(store.client(), apiKey), Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			ctx, cancel := context.WithCancel(context.Background())
			cancel() // nobody waits for events that are left
			client.Close(ctx)
		})
		return client
	}
	type state struct {
		Fetches int
		Source  string
		On      bool
	}
	ctx := ph.With(t.Context(), ph.User("ann"), ph.NoExposure())
	check := func(name string, client *ph.Client, want state) {
		t.Helper()
		client.FlagsReady(ctx)
		v, _ := client.Flag(ctx, "f")
		got := state{len(server.DefinitionRequests()), client.FlagsStatus().Source, v.On()}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", name, diff)
		}
	}
	reader := store.cache()
	stored := func(ctx context.Context) bool {
		doc, err := reader.Load(ctx)
		return doc != nil && err == nil
	}
	a := newClient("phs_a")
	check("a, the first", a, state{1, "api", true})
	until(t, "a stores what it got", stored)
	b := newClient("phs_b")
	check("b", b, state{1, "cache", true})
	check("one without a secret", newClient(""), state{1, "cache", true})

	if err := a.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.ReloadFlags(ctx); err != nil {
		t.Fatal(err)
	}
	check("b, after a has closed", b, state{2, "api", true})
	c := newClient("phs_c")
	check("c, while b fetches", c, state{2, "cache", true})

	store.kill()
	if err := c.ReloadFlags(ctx); err != nil {
		t.Fatal(err)
	}
	check("c, without Redis", c, state{3, "api", true})
	store.start()
	check("d, which finds Redis empty", newClient("phs_d"), state{4, "api", true})
	until(t, "d stores what it got", stored)
}
