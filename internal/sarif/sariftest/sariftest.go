// Package sariftest holds SARIF against the published schema, in tests.
package sariftest

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

//go:embed sarif-schema-2.1.0.json
var text []byte

var schema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	const id = "sarif-schema-2.1.0.json"
	c := jsonschema.NewCompiler()
	c.Draft, c.AssertFormat = jsonschema.Draft4, true
	if err := c.AddResource(id, bytes.NewReader(text)); err != nil {
		return nil, err
	}
	return c.Compile(id)
})

// Validate says what keeps data from being SARIF 2.1.0, or nil.
func Validate(data []byte) error {
	s, err := schema()
	if err != nil {
		return fmt.Errorf("the schema of SARIF: %w", err)
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	return s.Validate(v)
}
