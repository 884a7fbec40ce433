// Prints what Go's regular expressions know of Unicode, for cel/src/regex/unicode.txt:
//
//	go run ./unicode > ../../cel/src/regex/unicode.txt
//
// A line is the name of a category or a script and its ranges of code points, or "fold" and a run of pairs
// of characters that differ in case: first, last, step and how far away the other character of each pair is.
// Every two characters that fold to the same one are such a pair.
package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

func main() {
	fmt.Printf("# The Unicode Character Database %s (Unicode License V3) as tests/oracle/unicode prints it.\n", unicode.Version)
	for _, name := range slices.Sorted(maps.Keys(unicode.Categories)) {
		// The others are what their first letter says: L is Lu, Ll, Lt, Lm and Lo.
		if len(name) == 2 && name != "LC" && name != "Cn" && name != "Cs" {
			printTable(name, unicode.Categories[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(unicode.Scripts)) {
		// Go does not find the names of several words: it looks them up without the underscore.
		if !strings.Contains(name, "_") && name[1:] == strings.ToLower(name[1:]) {
			printTable(name, unicode.Scripts[name])
		}
	}
	printFolds()
}

func printTable(name string, table *unicode.RangeTable) {
	var line strings.Builder
	line.WriteString(name)
	for first := rune(0); first <= unicode.MaxRune; first++ {
		if !unicode.Is(table, first) {
			continue
		}
		last := first
		for unicode.Is(table, last+1) {
			last++
		}
		if first == last {
			fmt.Fprintf(&line, " %X", first)
		} else {
			fmt.Fprintf(&line, " %X-%X", first, last)
		}
		first = last
	}
	fmt.Println(line.String())
}

type run struct{ first, last, step, distance rune }

func printFolds() {
	var runs []*run
	for one := rune(0); one <= unicode.MaxRune; one++ {
		for two := unicode.SimpleFold(one); two != one; two = unicode.SimpleFold(two) {
			if one < two && !extended(runs, one, two-one) {
				runs = append(runs, &run{one, one, 1, two - one})
			}
		}
	}
	for _, run := range runs {
		fmt.Printf("fold %X %X %X %X\n", run.first, run.last, run.step, run.distance)
	}
}

// Whether a run of that distance could be made to go on to the character.
func extended(runs []*run, to, distance rune) bool {
	for _, run := range runs {
		step := to - run.last
		if run.distance == distance && step <= 2 && (run.first == run.last || run.step == step) {
			run.last, run.step = to, step
			return true
		}
	}
	return false
}
