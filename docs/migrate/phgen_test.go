package migrate

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/phgen/phgen/examples/generated/flags"
	"github.com/phgen/phgen/examples/generated/tracking"
	"github.com/phgen/phgen/examples/generated/trackingtest"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phhttp"
	"github.com/phgen/phgen/runtime/phtest"
)

var projectID = uuid.MustParse("0190c8a4-1111-7222-8333-444455556666")

func newAfter(w *wire) (*ph.Client, context.Context) {
	client, err := ph.New(ph.Config{APIKey: "phc_key", Host: "https://eu.i.posthog.com", Transport: w, PIIKey: []byte("sixteen bytes ok")})
	if err != nil {
		panic(err)
	}
	return client, ph.With(context.Background(), ph.UseClient(client))
}

func Example_captureAfter() {
	var w wire
	client, ctx := newAfter(&w)
	userID := "u_1"
	// guide: capture after
	ctx = ph.With(ctx, ph.User(userID), tracking.InOrganization("org_7"))
	tracking.ProjectCreated(projectID, "Acme", tracking.ProjectSourceWeb).WithMembers(3).Capture(ctx)
	// end
	client.Close(ctx)
	w.print()
	// Output: project_created u_1
}

func Example_captureOne() {
	var w wire
	client, ctx := newAfter(&w)
	userID := "u_1"
	// guide: capture one call
	tracking.ProjectCreated(projectID, "Acme", tracking.ProjectSourceWeb).
		Capture(ctx, ph.As(userID), tracking.InOrganization("org_7"))
	// end
	client.Close(ctx)
	w.print()
	// Output: project_created u_1
}

func Example_identifyAfter() {
	var w wire
	client, ctx := newAfter(&w)
	ctx = ph.With(ctx, ph.User("u_1"))
	// guide: identify after
	tracking.Person().WithEmail("ann@example.com").WithPlan(tracking.PlanTierPro).Identify(ctx)
	// end
	client.Close(ctx)
	w.print()
	// Output: $identify u_1
}

func Example_groupAfter() {
	var w wire
	client, ctx := newAfter(&w)
	// guide: group after
	tracking.Organization("org_7", "Acme Inc").WithSeats(5).Identify(ctx)
	// end
	client.Close(ctx)
	w.print()
	// Output: $groupidentify $organization_org_7
}

func Example_aliasAfter() {
	var w wire
	client, ctx := newAfter(&w)
	// guide: alias after
	ph.Alias(ctx, "u_1", "anonymous_9")
	// end
	client.Close(ctx)
	w.print()
	// Output: $create_alias u_1
}

func Example_flagAfter() {
	var w wire
	client, ctx := newAfter(&w)
	ctx = ph.With(ctx, ph.User("u_1"))
	// guide: flag after
	if flags.BetaBanner(ctx) {
		fmt.Println("the banner is shown")
	}
	// end
	client.Close(ctx)
	// Output: the banner is shown
}

func Example_middlewareAfter() {
	var w wire
	client, ctx := newAfter(&w)
	ctx = ph.With(ctx, tracking.InOrganization("org_7"))
	userOf := func(*http.Request) string { return "u_1" }
	// guide: middleware after
	middleware := phhttp.Middleware(phhttp.User(userOf))
	handler := middleware(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		tracking.ProjectCreated(projectID, "Acme", tracking.ProjectSourceWeb).Capture(r.Context())
	}))
	// end
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil).WithContext(ctx))
	client.Close(ctx)
	w.print()
	// Output: project_created u_1
}

func Example_shutdownAfter() {
	var w wire
	client, _ := newAfter(&w)
	// guide: shutdown after
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := client.Close(ctx); err != nil {
		fmt.Println(err) // how many events were lost, and why
	}
	// end
	// Output:
}

func Example_beforeSendAfter() {
	var w wire
	// guide: before_send after
	client, err := ph.New(ph.Config{
		APIKey:    "phc_key",
		Host:      "https://eu.i.posthog.com",
		Transport: &w,
		BeforeSend: func(m *ph.Message) bool {
			return m.Event != "health_probe_failed"
		},
	})
	// end
	if err != nil {
		panic(err)
	}
	ctx := ph.With(context.Background(), ph.UseClient(client), ph.User("u_1"))
	ph.Capture(ctx, "health_probe_failed", nil)
	ph.Capture(ctx, "project_created", nil)
	client.Close(ctx)
	w.print()
	// Output: project_created u_1
}

// A service is code under test.
type service struct{}

func (service) create(ctx context.Context, name string) {
	tracking.ProjectCreated(projectID, name, tracking.ProjectSourceWeb).WithMembers(3).Capture(ctx)
}

// guide: test after
func TestCreate(t *testing.T) {
	rec := phtest.New(t)
	service{}.create(rec.Context(ph.User("u_1"), tracking.InOrganization("org_7")), "Acme")
	rec.Want(tracking.ProjectCreated(projectID, "Acme", tracking.ProjectSourceWeb).WithMembers(3))

	if members, ok := trackingtest.ProjectCreated(rec).One().Members(); !ok || members != 3 {
		t.Errorf("got %d members, want 3", members)
	}
}

// end

func Example_pageAfter() {
	var w wire
	client, ctx := newAfter(&w)
	ctx = ph.With(ctx, ph.User("u_1"))
	// guide: page after
	ph.Pageview(ctx, "https://example.com/pricing")
	// end
	client.Close(ctx)
	w.print()
	// Output: $pageview u_1
}
