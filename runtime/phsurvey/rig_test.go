package phsurvey

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phtest"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A rig is a client of a server in memory.
type rig struct {
	t      *testing.T
	server *phtest.Server
	client *ph.Client
	ctx    context.Context // of the user ann
}

func newRig(t *testing.T, change ...func(*ph.Config)) *rig {
	t.Helper()
	server := phtest.NewMemoryServer(t)
	cfg := ph.Config{APIKey: "phc_x", Host: server.URL, Transport: server, Logger: slog.New(slog.DiscardHandler)}
	for _, f := range change {
		f(&cfg)
	}
	client, err := ph.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(context.Background()); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return &rig{t, server, client, ph.With(t.Context(), ph.UseClient(client), ph.User("ann"))}
}

// events returns the properties of the events of that name, without the library's.
func (r *rig) events(name string) []map[string]any {
	r.t.Helper()
	if err := r.client.Flush(r.ctx); err != nil {
		r.t.Fatal(err)
	}
	var list []map[string]any
	for _, e := range r.server.Events() {
		if e.Event() != name {
			continue
		}
		var event struct {
			Properties map[string]any `json:"properties"`
		}
		if err := json.Unmarshal([]byte(e.String()), &event); err != nil {
			r.t.Fatal(err)
		}
		for _, key := range []string{"$lib", "$lib_version", "$is_server", "$os", "$os_version", "$os_distro", "$go_version", "$geoip_disable"} {
			delete(event.Properties, key)
		}
		list = append(list, event.Properties)
	}
	return list
}

// ids returns the IDs of surveys.
func ids(list []*Survey) []string {
	ids := []string{}
	for _, s := range list {
		ids = append(ids, s.ID)
	}
	return ids
}
