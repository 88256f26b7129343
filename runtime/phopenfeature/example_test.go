package phopenfeature_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/open-feature/go-sdk/openfeature"
	"github.com/open-feature/go-sdk/openfeature/isolated"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phopenfeature"
)

// A program that serves its flags through OpenFeature, by definitions that it keeps current.
func Example() {
	ctx := context.Background()
	var changes phopenfeature.Changes
	client, err := ph.New(ph.Config{
		APIKey:         "phc_…",
		SecretKey:      os.Getenv("POSTHOG_SECRET_KEY"),
		OnFlagsChanged: changes.FlagsChanged,
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close(ctx)

	provider := phopenfeature.New(client, phopenfeature.Follow(&changes))
	if err := openfeature.SetProviderWithContextAndWait(ctx, provider); err != nil {
		log.Print(err) // flags have their defaults until PostHog answers
	}
	defer openfeature.Shutdown()

	user := openfeature.NewEvaluationContext("u_1", map[string]any{
		"plan":   "pro",
		"groups": map[string]any{"organization": "acme"},
	})
	flags := openfeature.NewDefaultClient()
	if flags.Boolean(ctx, "new-checkout", false, user) {
		log.Print("the new checkout")
	}
	flags.Track(ctx, "order placed", user, openfeature.NewTrackingEventDetails(12.5).Add("currency", "EUR"))
}

// What a flag says depends on the kind of value that is asked for.
func ExampleNew() {
	ctx := ph.With(context.Background(), ph.NoExposure()) // sends nothing
	client, err := ph.New(ph.Config{
		APIKey: "phc_…",
		FlagDefinitions: []byte(`{"flags": [{"id": 1, "key": "page-size", "active": true, "filters": {
			"groups": [{"properties": [], "rollout_percentage": 100, "variant": "large"}],
			"multivariate": {"variants": [{"key": "small", "rollout_percentage": 50}, {"key": "large", "rollout_percentage": 50}]},
			"payloads": {"small": "20", "large": "100"}
		}}]}`),
		LocalFlagsOnly: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close(ctx)
	api := isolated.NewAPI()
	if err := api.SetProviderAndWait(ctx, phopenfeature.New(client)); err != nil {
		log.Fatal(err)
	}
	defer api.Shutdown(ctx)

	flags := api.NewClient()
	user := openfeature.NewEvaluationContext("u_1", nil)
	fmt.Println(flags.Boolean(ctx, "page-size", false, user))
	fmt.Println(flags.String(ctx, "page-size", "", user))
	fmt.Println(flags.Int(ctx, "page-size", 10, user))
	_, err = flags.ObjectValue(ctx, "page-size", nil, user)
	fmt.Println(err)
	// Output:
	// true
	// large
	// 100
	// error code: TYPE_MISMATCH: flag "page-size" is "large", and its payload for that is not an object or a list
}
