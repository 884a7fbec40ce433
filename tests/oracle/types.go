package main

import (
	"fmt"
	"strings"

	"github.com/google/cel-go/cel"
)

var simpleTypes = map[string]*cel.Type{
	"dyn":                       cel.DynType,
	"null_type":                 cel.NullType,
	"bool":                      cel.BoolType,
	"int":                       cel.IntType,
	"uint":                      cel.UintType,
	"double":                    cel.DoubleType,
	"string":                    cel.StringType,
	"bytes":                     cel.BytesType,
	"google.protobuf.Timestamp": cel.TimestampType,
	"google.protobuf.Duration":  cel.DurationType,
}

// Reads a type as it is written by cel-go: list(int), map(string, dyn).
func readType(written string) (*cel.Type, error) {
	if simple, is := simpleTypes[written]; is {
		return simple, nil
	}
	name, rest, found := strings.Cut(written, "(")
	if !found || !strings.HasSuffix(rest, ")") {
		return nil, fmt.Errorf("there is no type %q", written)
	}
	parameters, err := readTypes(rest[:len(rest)-1])
	if err != nil {
		return nil, err
	}
	switch {
	case name == "list" && len(parameters) == 1:
		return cel.ListType(parameters[0]), nil
	case name == "map" && len(parameters) == 2:
		return cel.MapType(parameters[0], parameters[1]), nil
	case name == "optional_type" && len(parameters) == 1:
		return cel.OptionalType(parameters[0]), nil
	}
	return nil, fmt.Errorf("there is no type %q", written)
}

func readTypes(written string) ([]*cel.Type, error) {
	var read []*cel.Type
	depth, begin := 0, 0
	for end := 0; end <= len(written); end++ {
		if end < len(written) {
			switch written[end] {
			case '(':
				depth++
			case ')':
				depth--
			}
			if written[end] != ',' || depth != 0 {
				continue
			}
		}
		parameter, err := readType(strings.TrimSpace(written[begin:end]))
		if err != nil {
			return nil, err
		}
		read = append(read, parameter)
		begin = end + 1
	}
	return read, nil
}
