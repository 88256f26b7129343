package generator

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/phgen/phgen/schema"
)

// surveyEvents are the events about a survey, by the suffix of their functions.
var surveyEvents = []struct {
	suffix, event string
	value         *jen.Statement // the runtime's word for it
	says          string
}{
	{"Shown", "survey shown", phSurveyShown, "Somebody sees the survey."},
	{"Sent", "survey sent", phSurveySent, "Somebody has answered, and is not asked again."},
	{"Dismissed", "survey dismissed", phSurveyDismissed, "Somebody has closed the survey, maybe after some answers, and is not asked again."},
}

// A surveyVar stands for the spec of one event about a survey.
type surveyVar struct {
	survey *schema.Survey
	suffix string
}

// surveysPackage is the package of surveys: none if the plan has none.
func (g *generator) surveysPackage() []source {
	if len(g.plan.Surveys) == 0 {
		return nil
	}
	d := g.folder(surveysPackage, surveysPackage)
	c := doc("Package surveys holds the surveys of the tracking plan " + g.plan.Name + ", version " + g.plan.Version + ".")
	c.text("Each survey has three events, which are functions. The one that is sent takes the required answers; optional ones are set by methods, and Capture sends the event.")
	d.plan(c)
	each(d, "enums", g.choices, g.enum)
	each(d, "surveys", g.plan.Surveys, g.survey)
	if g.orderVar != "" {
		d.add("tables.go", g.groupOrder)
	}
	return d.sources
}

// survey prints everything that package surveys has of one survey.
func (g *generator) survey(f *jen.File, x *schema.Survey) {
	var answers []*schema.Property
	for _, q := range x.Questions {
		if p := g.answers[q]; p != nil {
			answers = append(answers, p)
		}
	}
	fields := g.fieldsOf(answers, append(slices.Clip(ownFields), "survey")...)
	for _, e := range surveyEvents {
		r := record{g: g, name: g.of(x) + e.suffix + "Event", recv: "e", path: "e.", prefix: "With"}
		switch e.suffix {
		case "Sent":
			r.fields = fields
		case "Dismissed":
			r.fields = withoutRequired(fields)
		}
		g.surveyEvent(f, x, r, e.suffix, e.event, e.says)

		spec := g.vars[surveyVar{x, e.suffix}]
		v := visitor{table: table{g: g}}
		v.stmt(jen.Id("w").Dot("Survey").Call(expr("&", g.vars[x]), e.value, expr("e.survey")))
		if len(r.fields) > 0 {
			v.answers(r, x)
		}
		v.stmt(expr("w.EndSurvey()"))
		f.Add(v.visitDecl(r, spec))
		f.Add(v.spec(spec, g.surveyFields(e.event)...))
	}
	f.Add(surveyTable(g.vars[x], x))
}

// withoutRequired are fields that all may be missing.
func withoutRequired(fields []field) []field {
	fields = slices.Clone(fields)
	for i, f := range fields {
		p := *f.Property
		p.Required = false
		fields[i].Property = &p
	}
	return fields
}

// surveyEvent prints the type of one event about x, but for its visitor.
func (g *generator) surveyEvent(f *jen.File, x *schema.Survey, r record, suffix, event, says string) {
	name := g.of(x) + suffix
	about := "the event " + quoted(event) + " about the survey " + quoted(x.Key) + "."
	c := doc(r.name+" is "+about, says)
	if x.Owner != "" {
		c.text("Owner: " + x.Owner + ".")
	}
	members := append([]jen.Code{equalField, jen.Id("survey").Add(phSurveyResponse)}, r.structFields()...)
	f.Add(c.decl(jen.Type().Id(r.name).Struct(members...)))
	f.Add(r.constructorDoc(name+" returns "+about, x.Description, says).decl(
		jen.Func().Id(name).Add(r.params()).Id(r.name).Block(jen.Return(literal(r.name, r.values())))))
	r.setters(f)
	f.Add(doc("WithIteration says which iteration of the survey the event is about, from 1, and when that began. A zero time leaves that open.").decl(
		r.method("WithIteration"), jen.Params(jen.Id("n").Int(), jen.Id("start").Add(goTime)), jen.Id(r.name),
		jen.Block(expr("e.survey.Iteration, e.survey.Start = n, start"), expr("return e"))))
	f.Add(doc("WithSubmissionID says which response the event is part of. Events with one ID are one response.").decl(
		r.method("WithSubmissionID"), jen.Params(jen.Id("v").Add(goUUID)), jen.Id(r.name),
		jen.Block(expr("e.survey.SubmissionID = v"), expr("return e"))))
	r.capture(f, g.vars[surveyVar{x, suffix}])
	r.compare(f, "the event")
}

// answers visits the answers to the questions of x, whose fields r has.
func (v *visitor) answers(r record, x *schema.Survey) {
	next := 0
	for _, q := range x.Questions {
		if v.g.answers[q] == nil {
			v.stmt(expr("w.Answer(nil)"))
			continue
		}
		f := r.fields[next]
		next++
		row := rowOf(f.Property)
		row.key = responseKey(q.ID)
		first := len(v.rows)
		v.field(r, f, row)
		v.stmt(expr("w.Answer(", v.ref(first), ")"))
	}
}

// surveyFields are the fields of the spec of an event about a survey, its rows excepted.
func (g *generator) surveyFields(event string) []jen.Code {
	fields := []jen.Code{expr("Name: ", quoted(event))}
	if word := g.plan.Defaults.OnInvalid; word != schema.Report && onInvalids[word] != nil {
		fields = append(fields, jen.Id("OnInvalid:").Add(onInvalids[word]))
	}
	if g.orderVar != "" {
		fields = append(fields, expr("GroupOrder: &", g.orderVar))
	}
	return fields
}

// surveyTable declares what the events about x have in common.
func surveyTable(name string, x *schema.Survey) jen.Code {
	var questions []jen.Code
	for i, q := range x.Questions {
		questions = append(questions, jen.Values(
			expr("ID: ", quoted(wireText(q.ID))), expr("Text: ", quoted(wireText(q.Text))), expr("Legacy: ", quoted(legacyKey(x, i)))))
	}
	fields := []jen.Code{
		expr("ID: ", quoted(wireText(x.ID))),
		expr("Name: ", quoted(wireText(surveyName(x)))),
		jen.Id("Questions: []").Add(phSurveyQuestion).Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, questions...),
	}
	return jen.Line().Var().Id(name).Op("=").Add(phSurveySpec).Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, fields...)
}

// surveyName is what PostHog calls the survey: its key, if the plan does not say.
func surveyName(x *schema.Survey) string {
	if x.Name == "" {
		return x.Key
	}
	return x.Name
}

// wireText is JSON text without its quotes, and without what the runtime removes of any text.
func wireText(s string) string { return jsonKey(strings.ReplaceAll(s, "\x00", "")) }

// responseKey is the key of the answer to a question.
func responseKey(id string) string {
	return "$survey_response_" + strings.ReplaceAll(id, "\x00", "")
}

// legacyKey is the key of the answer to question i before questions had IDs; empty if it
// is now that of another question.
func legacyKey(x *schema.Survey, i int) string {
	if i == 0 {
		return "$survey_response"
	}
	index := strconv.Itoa(i)
	if slices.ContainsFunc(x.Questions, func(q *schema.Question) bool { return q.ID == index }) {
		return ""
	}
	return "$survey_response_" + index
}

// asked is a question and what the plan says about it.
func asked(q *schema.Question) string {
	switch {
	case q.Description == "":
		return q.Text
	case q.Text == "":
		return q.Description
	case strings.ContainsAny(q.Text[len(q.Text)-1:], ".?!"):
		return q.Text + " " + q.Description
	}
	return q.Text + ". " + q.Description
}

// answerOf is the property that the answer to a question is; nil if it has none.
func answerOf(q *schema.Question) *schema.Property {
	p := &schema.Property{
		Pos: q.Pos, Key: q.Key, Required: q.Required, Description: asked(q), PII: q.PII, Go: q.Go,
	}
	choice := &schema.Type{Pos: q.Pos, Kind: schema.Enum, Values: q.Choices}
	if q.OpenChoice {
		choice = &schema.Type{Pos: q.Pos, Kind: schema.String}
	}
	switch q.Type {
	case "open":
		p.Type = &schema.Type{Pos: q.Pos, Kind: schema.String, MaxLength: q.MaxLength}
	case "rating":
		p.Type = &schema.Type{Pos: q.Pos, Kind: schema.Int, MinInt: &q.Min, MaxInt: &q.Max}
	case "single_choice":
		p.Type = choice
	case "multiple_choice":
		p.Type = &schema.Type{Pos: q.Pos, Kind: schema.Array, Elem: choice}
	default:
		return nil
	}
	return p
}
