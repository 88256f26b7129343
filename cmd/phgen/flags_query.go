package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/phgen/phgen/runtime/flags"
)

// maxQuery is how long the line of a query may be.
const maxQuery = 1 << 20

// errLongLine says that a line is longer than that.
var errLongLine = errors.New("the line is longer than 1 MiB")

// A flagQuery is one line of the queries.
type flagQuery struct {
	id    json.RawMessage // nil if there is none
	flag  string
	about flags.Query
}

// parseFlagQuery reads a query. Beside an error it returns the id and the flag if it can
// read those.
func parseFlagQuery(line []byte) (q flagQuery, err error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(line, &fields); err != nil {
		return q, queryError("the query", err)
	}
	if fields == nil {
		return q, errors.New("the query is null, want an object")
	}
	q.id = fields["id"]
	if q.flag, err = textField(fields, "flag"); err != nil {
		return q, err
	}
	if q.flag == "" {
		return q, errors.New(`"flag" is missing`)
	}
	if q.about.DistinctID, err = textField(fields, "distinct_id"); err != nil {
		return q, err
	}
	if q.about.DeviceID, err = textField(fields, "device_id"); err != nil {
		return q, err
	}
	if err := decodeField(fields, "person_properties", &q.about.Person); err != nil {
		return q, err
	}
	if err := decodeField(fields, "group_properties", &q.about.GroupProperties); err != nil {
		return q, err
	}
	q.about.Groups, err = groupKeys(fields)
	return q, err
}

// groupKeys reads the groups, whose keys may be numbers.
func groupKeys(fields map[string]json.RawMessage) (map[string]string, error) {
	var raw map[string]json.RawMessage
	if err := decodeField(fields, "groups", &raw); err != nil {
		return nil, err
	}
	keys := make(map[string]string, len(raw))
	for group := range raw {
		key, err := textField(raw, group)
		if err != nil {
			return nil, fmt.Errorf("groups: %w", err)
		}
		keys[group] = key
	}
	return keys, nil
}

// textField returns a field that is a string, or a number as it is written; "" if it is
// absent or null.
func textField(fields map[string]json.RawMessage, name string) (string, error) {
	var v any
	if err := decodeField(fields, name, &v); err != nil {
		return "", err
	}
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	}
	return "", fmt.Errorf("%q must be a string", name)
}

// decodeField decodes a field, if there is one. Numbers keep their spelling.
func decodeField(fields map[string]json.RawMessage, name string, into any) error {
	raw, ok := fields[name]
	if !ok {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return queryError(strconv.Quote(name), err)
	}
	return nil
}

// queryError says in what way something is no JSON object.
func queryError(what string, err error) error {
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) {
		return fmt.Errorf("%s holds a JSON %s where an object is wanted", what, mismatch.Value)
	}
	return fmt.Errorf("%s is no JSON: %w", what, err)
}

// readLine returns the next line without its end, or errLongLine after it has skipped one.
// At the end it returns io.EOF.
func readLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = r.ReadSlice('\n')
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		return nil, errLongLine
	case err != nil && (!errors.Is(err, io.EOF) || len(line) == 0):
		return nil, err
	}
	return bytes.TrimSpace(line), nil
}
