package migrate

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/posthog/posthog-go"
)

func newBefore(w *wire) posthog.Client {
	client, err := posthog.NewWithConfig("phc_key", posthog.Config{Endpoint: "https://eu.i.posthog.com", Transport: w})
	if err != nil {
		panic(err)
	}
	return client
}

func Example_captureBefore() {
	var w wire
	client := newBefore(&w)
	userID, projectID := "u_1", "0190c8a4-1111-7222-8333-444455556666"
	// guide: capture before
	client.Enqueue(posthog.Capture{
		DistinctId: userID,
		Event:      "project_created",
		Properties: posthog.NewProperties().
			Set("project_id", projectID).
			Set("name", "Acme").
			Set("source", "web").
			Set("members", 3),
		Groups: posthog.NewGroups().Set("organization", "org_7"),
	})
	// end
	client.Close()
	w.print()
	// Output: project_created u_1
}

func Example_identifyBefore() {
	var w wire
	client := newBefore(&w)
	// guide: identify before
	client.Enqueue(posthog.Identify{
		DistinctId: "u_1",
		Properties: posthog.NewProperties().Set("email", "ann@example.com").Set("plan", "pro"),
	})
	// end
	client.Close()
	w.print()
	// Output: $identify u_1
}

func Example_groupBefore() {
	var w wire
	client := newBefore(&w)
	// guide: group before
	client.Enqueue(posthog.GroupIdentify{
		Type:       "organization",
		Key:        "org_7",
		Properties: posthog.NewProperties().Set("name", "Acme Inc").Set("seats", 5),
	})
	// end
	client.Close()
	w.print()
	// Output: $groupidentify $organization_org_7
}

func Example_aliasBefore() {
	var w wire
	client := newBefore(&w)
	// guide: alias before
	client.Enqueue(posthog.Alias{DistinctId: "u_1", Alias: "anonymous_9"})
	// end
	client.Close()
	w.print()
	// Output: $create_alias
}

func Example_flagBefore() {
	var w wire
	client := newBefore(&w)
	// guide: flag before
	on, err := client.IsFeatureEnabled(posthog.FeatureFlagPayload{Key: "beta-banner", DistinctId: "u_1"})
	if err == nil && on == true {
		fmt.Println("the banner is shown")
	}
	// end
	client.Close()
	// Output: the banner is shown
}

func Example_middlewareBefore() {
	var w wire
	client := newBefore(&w)
	// guide: middleware before
	handler := posthog.NewRequestContextMiddleware(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		client.Enqueue(posthog.Capture{DistinctId: "u_1", Event: "project_created"})
	}))
	// end
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	client.Close()
	w.print()
	// Output: project_created u_1
}

func Example_shutdownBefore() {
	var w wire
	client := newBefore(&w)
	// guide: shutdown before
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := client.CloseWithContext(ctx); err != nil {
		fmt.Println("events may be lost:", err)
	}
	// end
	// Output:
}

func Example_beforeSendBefore() {
	var w wire
	// guide: before_send before
	client, err := posthog.NewWithConfig("phc_key", posthog.Config{
		Endpoint:  "https://eu.i.posthog.com",
		Transport: &w,
		BeforeSend: func(m posthog.Message) posthog.Message {
			if c, ok := m.(posthog.Capture); ok && c.Event == "health_probe_failed" {
				return nil
			}
			return m
		},
	})
	// end
	if err != nil {
		panic(err)
	}
	client.Enqueue(posthog.Capture{DistinctId: "u_1", Event: "health_probe_failed"})
	client.Enqueue(posthog.Capture{DistinctId: "u_1", Event: "project_created"})
	client.Close()
	w.print()
	// Output: project_created u_1
}
