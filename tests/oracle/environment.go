package main

import (
	"encoding/json"
	"fmt"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/ext"
	"github.com/google/cel-go/parser"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/cel/environment"
)

// The release whose environment "kubernetes" is.
var kubernetes = version.MajorMinor(1, 37)

// In what an expression is compiled.
type setting struct {
	// "standard": cel-go with its extension libraries; "kubernetes": the API server's.
	Environment string `json:"environment"`
	Container   string `json:"container"`
	// The variables' types, as cel-go writes them.
	Variables map[string]string `json:"variables"`
}

// Environments that were made, since one takes longer to make than an expression to compile.
type environments struct {
	made map[string]*cel.Env
}

// As many as are kept; requests come in runs of the same setting.
const mostEnvironments = 64

func newEnvironments() *environments {
	return &environments{made: map[string]*cel.Env{}}
}

func (known *environments) of(asked *setting) (*cel.Env, error) {
	key, err := json.Marshal(asked)
	if err != nil {
		return nil, err
	}
	if env, is := known.made[string(key)]; is {
		return env, nil
	}
	base, err := known.base(asked.Environment)
	if err != nil {
		return nil, err
	}
	options, err := asked.options()
	if err != nil {
		return nil, err
	}
	env, err := base.Extend(options...)
	if err != nil {
		return nil, err
	}
	if len(known.made) >= mostEnvironments {
		clear(known.made)
	}
	known.made[string(key)] = env
	return env, nil
}

func (known *environments) base(name string) (*cel.Env, error) {
	if env, is := known.made[name]; is {
		return env, nil
	}
	env, err := base(name)
	if err == nil {
		known.made[name] = env
	}
	return env, err
}

func base(name string) (*cel.Env, error) {
	switch name {
	case "standard":
		return cel.NewEnv(standard()...)
	case "kubernetes":
		return environment.MustBaseEnvSet(kubernetes).Env(environment.NewExpressions)
	default:
		return nil, fmt.Errorf("there is no environment %q", name)
	}
}

// Everything that the language's specification and its extensions have, each at its newest.
func standard() []cel.EnvOption {
	return []cel.EnvOption{
		// cel-go's own choice of macros leaves existsOne out.
		cel.ClearMacros(),
		cel.Macros(parser.AllMacros...),
		cel.OptionalTypes(),
		cel.EnableIdentifierEscapeSyntax(),
		cel.CrossTypeNumericComparisons(true),
		cel.DefaultUTCTimeZone(true),
		cel.EnableErrorOnBadPresenceTest(true),
		ext.Strings(),
		ext.Math(),
		ext.Lists(),
		ext.Sets(),
		ext.Encoders(),
		ext.Bindings(),
		ext.TwoVarComprehensions(),
		ext.Regex(),
		ext.Network(),
		cel.ASTValidators(
			cel.ValidateDurationLiterals(),
			cel.ValidateTimestampLiterals(),
			cel.ValidateRegexLiterals(),
		),
	}
}

func (asked *setting) options() ([]cel.EnvOption, error) {
	options := []cel.EnvOption{cel.Container(asked.Container)}
	for name, written := range asked.Variables {
		declared, err := readType(written)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		options = append(options, cel.Variable(name, declared))
	}
	return options, nil
}
