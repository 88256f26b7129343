package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/phgen/phgen/runtime/flags"
	"github.com/phgen/phgen/runtime/value"
)

// An evaluation answers queries about flags.
type evaluation struct {
	defs     *flags.Definitions
	now      time.Time
	explain  bool
	problems map[string]error // by the key of the flag
}

// run answers each line of in. A reader at a terminal or pipe sees an answer as soon as
// there is one.
func (e *evaluation) run(in io.Reader, out io.Writer) error {
	e.problems = map[string]error{}
	for _, p := range e.defs.Problems() {
		e.problems[p.Key] = p.Err
	}
	r, w := bufio.NewReaderSize(in, maxQuery), bufio.NewWriter(out)
	var answer []byte
	for n := 1; ; n++ {
		line, err := readLine(r)
		switch {
		case errors.Is(err, io.EOF):
			return w.Flush()
		case err != nil && !errors.Is(err, errLongLine):
			return fmt.Errorf("reading queries: %w", err)
		case err == nil && len(line) == 0:
			continue
		}
		var q flagQuery
		if err == nil {
			q, err = parseFlagQuery(line)
		}
		answer = e.answer(answer[:0], n, &q, err)
		if _, err := w.Write(answer); err != nil {
			return err
		}
		if r.Buffered() == 0 {
			if err := w.Flush(); err != nil {
				return err
			}
		}
	}
}

// answer appends the answer to the query in line n. What is wrong with the query is err.
func (e *evaluation) answer(dst []byte, n int, q *flagQuery, err error) []byte {
	q.about.Now = e.now
	switch {
	case e.explain && err != nil:
		return fmt.Appendf(dst, "line %d: %s\n\n", n, printable(err.Error()))
	case e.explain:
		return e.appendExplanation(dst, q)
	case err != nil:
		return appendMalformed(dst, q, err)
	}
	return e.appendAnswer(dst, q)
}

// appendMalformed appends the answer to a query that makes no sense.
func appendMalformed(dst []byte, q *flagQuery, err error) []byte {
	dst = append(dst, '{')
	if q.id != nil {
		dst = append(append(append(dst, `"id":`...), q.id...), ',')
	}
	if q.flag != "" {
		dst = append(value.AppendString(append(dst, `"flag":`...), q.flag), ',')
	}
	dst = value.AppendString(append(dst, `"decided":false,"value":null,"error":`...), err.Error())
	return append(dst, "}\n"...)
}

func (e *evaluation) appendAnswer(dst []byte, q *flagQuery) []byte {
	r := e.defs.Evaluate(q.flag, &q.about)
	dst = append(dst, `{"id":`...)
	if q.id == nil {
		dst = append(dst, "null"...)
	}
	dst = append(append(dst, q.id...), `,"flag":`...)
	dst = append(value.AppendString(dst, q.flag), `,"decided":`...)
	dst = append(strconv.AppendBool(dst, r.Decided()), `,"value":`...)
	dst = appendFlagValue(dst, r.Value)
	if payload, ok := e.payload(q.flag, r); ok {
		dst = append(append(dst, `,"payload":`...), payload...)
	}
	dst = value.AppendString(append(dst, `,"reason":`...), r.Reason.String())
	if r.Condition >= 0 {
		dst = strconv.AppendInt(append(dst, `,"condition":`...), int64(r.Condition), 10)
	}
	if !r.Decided() {
		dst = e.appendMissing(dst, q)
	}
	return append(dst, "}\n"...)
}

// appendMissing appends what an undecided flag lacks.
func (e *evaluation) appendMissing(dst []byte, q *flagQuery) []byte {
	if missing := e.defs.Explain(q.flag, &q.about).Missing; len(missing) > 0 {
		dst = append(dst, `,"missing":`...)
		separator := byte('[')
		for _, need := range missing {
			dst = value.AppendString(append(dst, separator), need.String())
			separator = ','
		}
		dst = append(dst, ']')
	}
	if err := e.problems[q.flag]; err != nil {
		dst = value.AppendString(append(dst, `,"error":`...), err.Error())
	}
	return dst
}

// appendFlagValue appends true, false, a variant's key or null.
func appendFlagValue(dst []byte, v flags.Value) []byte {
	switch {
	case v.Variant() != "":
		return value.AppendString(dst, v.Variant())
	case v.Known():
		return strconv.AppendBool(dst, v.On())
	}
	return append(dst, "null"...)
}

// payload returns the JSON of a flag's payload. Text that is no JSON becomes a string.
func (e *evaluation) payload(key string, r flags.Result) ([]byte, bool) {
	flag, _ := e.defs.Lookup(key)
	text, ok := flag.Payload(r.Value)
	if !ok {
		return nil, false
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(text)); err != nil {
		return value.AppendString(nil, text), true
	}
	return compact.Bytes(), true
}
