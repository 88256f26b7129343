package schema_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/schema"
)

const examplePlan = "../examples/tracking-plan.yaml"

func loadExample(t *testing.T) *schema.Plan {
	t.Helper()
	plan, found, err := schema.Load(examplePlan)
	if err != nil || len(found) > 0 {
		t.Fatalf("Load(%q): %v, %v", examplePlan, found, err)
	}
	return plan
}

// summary is a property as the short form would say it, and what goes beyond.
func summary(p *schema.Property) string {
	s := p.Key + " " + string(p.Type.Kind)
	if p.Type.Name != "" {
		s += " " + p.Type.Name
	}
	if p.Type.Elem != nil {
		s += " of " + string(p.Type.Elem.Kind)
	}
	for _, mark := range []struct {
		is   bool
		text string
	}{
		{p.Required, "!"}, {p.Nullable, "?"}, {p.Go.Named, " named " + p.Go.NamedAs}, {p.Write != "", " " + string(p.Write)},
		{p.OnInvalid != "", " " + string(p.OnInvalid)}, {p.MoneyKeys[0] != "", " as " + p.MoneyKeys[0] + "+" + p.MoneyKeys[1]},
		{p.Type.Unit != "", " in " + p.Type.Unit}, {p.Default != nil, " default"},
	} {
		if mark.is {
			s += mark.text
		}
	}
	if p.PII != nil {
		s += " pii " + p.PII.Kind + "/" + p.PII.Action
	}
	return s
}

func summaries(list []*schema.Property) []string {
	out := []string{}
	for _, p := range list {
		out = append(out, summary(p))
	}
	return out
}

func TestExamplePlan(t *testing.T) {
	plan := loadExample(t)
	event := func(name string) *schema.Event {
		for _, e := range plan.Events {
			if e.Name == name {
				return e
			}
		}
		t.Fatalf("no event %q", name)
		return nil
	}
	created := event("project_created")
	for _, test := range []struct {
		name      string
		got, want []string
	}{
		{"context", summaries(plan.Context), []string{"locale locale", "app_version string"}},
		{"person", summaries(plan.Person), []string{
			"email email set pii email/allow", "plan enum PlanTier set", "signup_source enum ProjectSource set_once", "first_seen_at timestamp set_once",
		}},
		{"organization", summaries(plan.Groups[0].Properties), []string{"name string!", "plan enum PlanTier", "seats int", "is_trial bool"}},
		{"project_created", summaries(created.Properties), []string{
			"project_id uuid!", "name string! truncate", "source enum ProjectSource!", "members int", "load_time_ms duration in ms",
			"completion float Percent", "referrer url?", "labels array of string", "settings map of json", "channel const",
			"request_id uuid", "client_ip ip pii ip/hash",
		}},
		{"order_completed", summaries(event("order_completed").Properties), []string{
			"order_id string! named ", "total money! as price+currency", "items array of object!", "payment union PaymentMethod!",
			"coupon string", "discount float Percent", "paid_at timestamp!",
		}},
		{"card", summaries(plan.Types[4].Variants[0].Properties), []string{"brand string!", "last4 string! named CardLast4 pii financial/drop"}},
		{"LineItem", summaries(plan.Types[3].Properties), []string{"sku string!", "quantity int!", "unit_price money! as unit_price+unit_price_currency"}},
		{"payload", summaries(plan.Flags[0].Payload), []string{"max_items int! default", "cta string default"}},
		{"idempotency", summaries(created.Idempotency), []string{"project_id uuid!"}},
		{"setters of the person", summaries(created.Person), []string{"plan enum PlanTier set", "first_seen_at timestamp set_once"}},
	} {
		if diff := cmp.Diff(test.want, test.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestExamplePlanReferences(t *testing.T) {
	plan := loadExample(t)
	created, order, signup, account, probe := plan.Events[0], plan.Events[1], plan.Events[2], plan.Events[3], plan.Events[4]
	for _, test := range []struct {
		name string
		ok   bool
	}{
		{"types are shared", created.Own[2].Type == plan.Types[0] && plan.Person[2].Type == plan.Types[0] && order.Own[2].Type.Elem == plan.Types[3]},
		{"sets are shared", created.Use[0] == plan.Sets[0] && created.Properties[10] == plan.Sets[0].Properties[0] && len(created.Own) == 10},
		{"groups", created.Groups[0].Group == plan.Groups[0] && created.Groups[0].Required},
		{"experiments", order.Experiments[0] == plan.Experiments[0] && plan.Experiments[0].Flag == plan.Flags[0] && plan.Experiments[0].Primary[0] == order},
		{"twins", signup.Twin == account && account.Twin == signup && signup.Status == "deprecated"},
		{"owners", created.Owner == "growth" && order.Owner == "billing" && plan.Surveys[0].Owner == "growth"},
		{"sampling", probe.Sampling.Rate == 0.01 && probe.Personless && created.Sampling.Rate == 1},
		{"defaults", created.OnInvalid == schema.Report && created.Version == 1 && order.Version == 2 && !created.ExtraProperties},
		{"flags", plan.Flags[0].Default == "control" && plan.Flags[1].Default == "false" && plan.Flags[2].HasPayload && plan.Flags[0].DependsPerson[0] == plan.Person[1]},
		{"examples", len(created.Examples) == 1 && created.Examples[0].Fields[3].Value.Int == 3},
		{"survey", plan.Surveys[0].Questions[0].Max == 10 && plan.Surveys[0].Questions[1].PII.Action == "allow"},
		{"ai", plan.AI.Privacy == "redact" && len(plan.AI.Features) == 1},
		{"go", plan.Go.ImportPath == "github.com/phgen/phgen/examples/generated" && len(plan.Go.Initialisms) == 4},
		{"naming", plan.Naming.Events.Case == "snake" && len(plan.Naming.Properties.Suffix["duration"]) == 2},
	} {
		if !test.ok {
			t.Errorf("%s: not as in the plan", test.name)
		}
	}
}

// An event carries the experiments that it lists, then those that measure by it, or by the event
// that is sent with it, in the plan's order.
func TestMetricsCarryVariants(t *testing.T) {
	plan, found := schema.Parse("p", []byte(heading+`events:
  listed: {experiments: [d, b]}
  unlisted: {}
  old: {deprecated: {use: new, dual_write: true}, experiments: [d]}
  new: {}
  other: {}
flags: {f: {kind: multivariate, variants: [x, y]}}
experiments:
  a: {flag: f, control: x, metrics: {primary: [listed, unlisted], guardrail: [unlisted]}}
  b: {variants: [x, y], control: x, metrics: {secondary: [unlisted, listed]}}
  c: {variants: [x, y], control: x, metrics: {guardrail: [listed, new]}}
  d: {variants: [x, y], control: x, metrics: {primary: [old, new]}}
`))
	if plan == nil {
		t.Fatal(found)
	}
	names := func(list []*schema.Experiment) string {
		var text string
		for _, x := range list {
			text += x.Name
		}
		return text
	}
	for i, want := range []string{"listed db dbac", "unlisted  ab", "old d dc", "new  cd", "other  "} {
		e := plan.Events[i]
		if got := e.Name + " " + names(e.OwnExperiments) + " " + names(e.Experiments); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// The YAML is read as text: no value passes through a float or a YAML type.
func TestParseKeepsSpelling(t *testing.T) {
	plan, found := schema.Parse("p", []byte(heading+`events:
  a:
    properties: {price: money, at: timestamp, n: float, big: int, word: string, any: json, c: {const: 1}, d: {const: 2.50}, e: {const: no}}
    examples: [{price: {amount: 49.90, currency: EUR}, at: 2024-01-01T00:00:00.5Z, n: 1e3, big: 9007199254740993, word: no, any: [1, 1.50, no, null, "x"]}]
`))
	if plan == nil {
		t.Fatal(found)
	}
	var got []string
	fields := plan.Events[0].Examples[0].Fields
	for _, f := range fields[:5] {
		got = append(got, f.Value.Text)
	}
	for _, v := range fields[5].Value.List {
		got = append(got, string(v.Kind)+" "+v.Text)
	}
	for _, p := range plan.Events[0].Own[6:] {
		got = append(got, string(p.Type.Const.Kind)+" "+p.Type.Const.Text)
	}
	want := []string{"49.90", "2024-01-01T00:00:00.5Z", "1e3", "9007199254740993", "no",
		"int 1", "float 1.50", "string no", "json null", "string x", "int 1", "float 2.50", "string no"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
	if got, want := fields[3].Value.Int, int64(9007199254740993); got != want {
		t.Errorf("int: got %d, want %d", got, want)
	}
}
