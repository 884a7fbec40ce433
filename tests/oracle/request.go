package main

import (
	"encoding/json"
	"fmt"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
)

// What is asked of an expression.
type request struct {
	setting
	Expr string `json:"expr"`
	// Whether the expression is checked; one that is not is only parsed.
	Check bool `json:"check"`
	// The variables' values, each in the form of cel.expr.Value.
	Input map[string]json.RawMessage `json:"input"`
	// The variables' values as plain JSON, as the API server has objects; before Input.
	JSON json.RawMessage `json:"json"`
	// Patterns of what is unknown: a variable, then fields and indices, null for any.
	Unknowns [][]any `json:"unknowns"`
	// What is timed, if anything.
	Bench *bench `json:"bench"`
}

// What is made of it: the errors of the compilation, or a type and what the evaluation came to.
type response struct {
	// The errors of parser and checker.
	CompileError string `json:"compile_error,omitempty"`
	Type         string `json:"type,omitempty"`
	Value        any    `json:"value,omitempty"`
	Error        string `json:"error,omitempty"`
	// Trails of what is unknown: a variable, then fields and indices.
	Unknown [][]any `json:"unknown"`
	Timed   *timed  `json:"timed,omitempty"`
}

func answer(known *environments, asked *request) (given response) {
	defer func() {
		if panicked := recover(); panicked != nil {
			given.Error = fmt.Sprint("panicked: ", panicked)
		}
	}()
	env, err := known.of(&asked.setting)
	if err != nil {
		given.CompileError = "environment: " + err.Error()
		return given
	}
	input, err := asked.activation()
	if err != nil {
		given.CompileError = "input: " + err.Error()
		return given
	}
	if asked.Bench != nil {
		given.measure(env, asked, input)
		return given
	}
	given.compileAndEvaluate(env, asked, input)
	return given
}

func (given *response) compileAndEvaluate(env *cel.Env, asked *request, input map[string]any) {
	ast, issues := env.Parse(asked.Expr)
	if issues.Err() == nil && asked.Check {
		ast, issues = env.Check(ast)
	}
	if err := issues.Err(); err != nil {
		given.CompileError = err.Error()
		return
	}
	if asked.Check {
		given.Type = ast.OutputType().String()
	}
	program, err := env.Program(ast, cel.EvalOptions(cel.OptPartialEval))
	// A plan that cannot be made is one that cannot be carried out, whatever the input.
	if err != nil {
		given.Error = err.Error()
		return
	}
	vars, err := cel.PartialVars(input, asked.patterns()...)
	if err != nil {
		given.Error = err.Error()
		return
	}
	out, _, err := program.Eval(vars)
	given.outcome(out, err)
}

func (given *response) outcome(out ref.Val, err error) {
	if unknown, is := out.(*types.Unknown); is {
		given.Unknown = trails(unknown)
		return
	}
	if err != nil {
		given.Error = err.Error()
		return
	}
	value, err := encode(out)
	if err != nil {
		given.Error = err.Error()
		return
	}
	given.Value = value
}

func trails(unknown *types.Unknown) [][]any {
	found := [][]any{}
	for _, id := range unknown.IDs() {
		trails, _ := unknown.GetAttributeTrails(id)
		for _, trail := range trails {
			found = append(found, append([]any{trail.Variable()}, trail.QualifierPath()...))
		}
	}
	return found
}

func (asked *request) patterns() []*cel.AttributePatternType {
	patterns := make([]*cel.AttributePatternType, 0, len(asked.Unknowns))
	for _, path := range asked.Unknowns {
		pattern := cel.AttributePattern(fmt.Sprint(path[0]))
		for _, step := range path[1:] {
			switch step := step.(type) {
			case nil:
				pattern.Wildcard()
			case string:
				pattern.QualString(step)
			case float64:
				pattern.QualInt(int64(step))
			case bool:
				pattern.QualBool(step)
			}
		}
		patterns = append(patterns, pattern)
	}
	return patterns
}

func (asked *request) activation() (map[string]any, error) {
	if asked.JSON != nil {
		return plain(asked.JSON)
	}
	input := make(map[string]any, len(asked.Input))
	for name, raw := range asked.Input {
		value, err := decode(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		input[name] = value
	}
	return input, nil
}
