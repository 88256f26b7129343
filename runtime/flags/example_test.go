package flags_test

import (
	"fmt"

	"github.com/phgen/phgen/runtime/flags"
)

const document = `{
	"flags": [{
		"key": "new-checkout",
		"active": true,
		"filters": {
			"groups": [{"properties": [{"key": "plan", "type": "person", "operator": "exact", "value": ["pro", "team"]}], "rollout_percentage": 100}],
			"multivariate": {"variants": [{"key": "control", "rollout_percentage": 50}, {"key": "one-page", "rollout_percentage": 50}]},
			"payloads": {"one-page": "{\"steps\": 1}"}
		}
	}]
}`

func ExampleDefinitions_Evaluate() {
	defs, err := flags.Parse([]byte(document))
	if err != nil {
		fmt.Println(err)
		return
	}
	query := flags.Query{DistinctID: "user-2", Person: map[string]any{"plan": "pro"}}
	r := defs.Evaluate("new-checkout", &query)
	flag, _ := defs.Lookup("new-checkout")
	payload, _ := flag.Payload(r.Value)
	fmt.Println(r.Value, r.Reason, payload)

	query.Person = nil // the server may know the plan; the query does not
	r = defs.Evaluate("new-checkout", &query)
	fmt.Println(r.Decided(), r.Reason, r.Need)

	query.Person = map[string]any{"plan": flags.Unset} // there is none, and we know it
	r = defs.Evaluate("new-checkout", &query)
	fmt.Println(r.Value, r.Reason)
	// Output:
	// one-page condition_match {"steps": 1}
	// false missing_context person property "plan"
	// false no_condition_match
}

func ExampleDefinitions_Explain() {
	defs, err := flags.Parse([]byte(document))
	if err != nil {
		fmt.Println(err)
		return
	}
	e := defs.Explain("new-checkout", &flags.Query{DistinctID: "user-2", Person: map[string]any{"plan": "free"}})
	for _, condition := range e.Steps {
		fmt.Println(condition.Text, condition.Verdict)
		for _, filter := range condition.Steps {
			fmt.Println("-", filter.Text, filter.Verdict, filter.Note)
		}
	}
	// Output:
	// condition 0 no
	// - person property "plan" exact ["pro", "team"] no it is "free"
}
