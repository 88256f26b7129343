package runtime_test

import (
	"context"
	"encoding/json"
	"fmt"

	ph "github.com/phgen/phgen/runtime"
)

// Flags of a project that are evaluated here, from definitions that the program brings
// along. With a SecretKey they would be fetched, and kept current.
func Example_flags() {
	client, err := ph.New(ph.Config{APIKey: "phc_example", LocalFlagsOnly: true, FlagDefinitions: []byte(`{"flags": [
		{"id": 1, "key": "beta", "active": true, "filters": {"groups": [
			{"properties": [{"key": "plan", "type": "person", "operator": "exact", "value": ["pro"]}]}]}},
		{"id": 2, "key": "colour", "active": true, "filters": {
			"groups": [{"variant": "blue"}],
			"multivariate": {"variants": [{"key": "red", "rollout_percentage": 50}, {"key": "blue", "rollout_percentage": 50}]},
			"payloads": {"blue": "{\"hex\": \"#00f\"}"}}}]}`)})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := ph.With(context.Background(), ph.UseClient(client), ph.User("u_1"), ph.NoExposure())

	_, ok := client.Flag(ctx, "beta")
	fmt.Println("known:", ok)
	fmt.Println(client.FlagDetail(ctx, "beta").Err)

	pro := ph.With(ctx, ph.PersonFlagProperties(ph.Props{"plan": "pro"}))
	beta, _ := client.Flag(pro, "beta")
	fmt.Println("beta:", beta)

	snap, err := client.EvaluateFlags(pro, ph.FlagQuery{})
	if err != nil {
		fmt.Println(err)
		return
	}
	var colour struct{ Hex string }
	if err := snap.Payload("colour", &colour); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(snap.Variant("colour"), colour.Hex)
	page, err := json.Marshal(snap.Bootstrap(""))
	fmt.Println(string(page), err)
	// Output:
	// known: false
	// ph: flag "beta" is unknown: local_evaluation_inconclusive: local evaluation needs the person property "plan"
	// beta: true
	// blue #00f
	// {"distinctID":"u_1","isIdentifiedID":true,"featureFlags":{"beta":true,"colour":"blue"},"featureFlagPayloads":{"colour":{"hex":"#00f"}}} <nil>
}
