package main

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"time"

	"github.com/google/cel-go/cel"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

// What is timed, how often it is done.
type bench struct {
	// "parse", "check", "program", "compile" (the three together), "evaluate" (as the API server does) or
	// "evaluate unlimited" (without counting and limiting what an evaluation costs).
	What  string `json:"what"`
	Times int    `json:"times"`
}

// What doing it all the times took.
type timed struct {
	Nanoseconds int64  `json:"nanoseconds"`
	Allocations uint64 `json:"allocations"`
}

// As the API server does it: constant parts of a program are computed and prepared once, and what an evaluation costs
// is counted and limited.
func program(env *cel.Env, ast *cel.Ast) (cel.Program, error) {
	return env.Program(ast,
		cel.EvalOptions(cel.OptOptimize, cel.OptTrackCost),
		cel.CostLimit(math.MaxUint64),
		cel.InterruptCheckFrequency(celconfig.CheckFrequency))
}

func unlimited(env *cel.Env, ast *cel.Ast) (cel.Program, error) {
	return env.Program(ast, cel.EvalOptions(cel.OptOptimize))
}

func (given *response) measure(env *cel.Env, asked *request, input map[string]any) {
	work, err := asked.Bench.work(env, asked.Expr, input)
	if err != nil {
		given.CompileError = err.Error()
		return
	}
	// Once beforehand: it must work, and what is made at the first time only is made then.
	if err := work(); err != nil {
		given.Error = err.Error()
		return
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begin := time.Now()
	for range asked.Bench.Times {
		if err := work(); err != nil {
			given.Error = err.Error()
			return
		}
	}
	took := time.Since(begin)
	runtime.ReadMemStats(&after)
	given.Timed = &timed{Nanoseconds: took.Nanoseconds(), Allocations: after.Mallocs - before.Mallocs}
}

func (what *bench) work(env *cel.Env, expr string, input map[string]any) (func() error, error) {
	parsed, issues := env.Parse(expr)
	if issues.Err() != nil {
		return nil, issues.Err()
	}
	checked, issues := env.Check(parsed)
	if issues.Err() != nil {
		return nil, issues.Err()
	}
	switch what.What {
	case "parse":
		return func() error { _, issues := env.Parse(expr); return issues.Err() }, nil
	case "check":
		return func() error { _, issues := env.Check(parsed); return issues.Err() }, nil
	case "program":
		return func() error { _, err := program(env, checked); return err }, nil
	case "compile":
		return func() error {
			ast, issues := env.Compile(expr)
			if issues.Err() != nil {
				return issues.Err()
			}
			_, err := program(env, ast)
			return err
		}, nil
	case "evaluate":
		return evaluation(program(env, checked))(input)
	case "evaluate unlimited":
		return evaluation(unlimited(env, checked))(input)
	}
	return nil, fmt.Errorf("there is nothing called %q to be timed", what.What)
}

func evaluation(compiled cel.Program, err error) func(map[string]any) (func() error, error) {
	return func(input map[string]any) (func() error, error) {
		ctx := context.Background()
		return func() error { _, _, err := compiled.ContextEval(ctx, input); return err }, err
	}
}
