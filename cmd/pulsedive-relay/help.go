package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// helpWidth is how wide help is printed, in characters.
const helpWidth = 80

// examples end the program's help.
const examples = `
Examples:
  pulsedive-relay demo
  pulsedive-relay serve --public-url=https://relay.example.com
  RELAY_PULSEDIVE_KEY=… pulsedive-relay observe 198.51.100.23 example.com

The variable beside a flag sets it too; where both are there the flag counts.
The flags of a command: pulsedive-relay help COMMAND
`

// printHelp prints the help of a command, or that of the program: its commands,
// and the flags of serve, which runs where none is named.
func printHelp(_ kong.HelpOptions, ctx *kong.Context) error {
	var b strings.Builder
	if command := ctx.Selected(); command != nil {
		commandHelp(&b, command)
	} else {
		programHelp(&b, ctx.Model)
	}
	_, err := io.WriteString(ctx.Stdout, b.String())
	return err
}

func programHelp(b *strings.Builder, app *kong.Application) {
	fmt.Fprintf(b, "Usage: %s [command] [flags]\n\n%s\n\nCommands:\n", app.Name, app.Help)
	for _, command := range app.Children {
		fmt.Fprintf(b, "  %-12s %s\n", command.Name, command.Help)
	}
	b.WriteString("\nFlags of serve:\n")
	flagsHelp(b, app.DefaultCmd)
	b.WriteString(examples)
}

func commandHelp(b *strings.Builder, command *kong.Command) {
	arguments := ""
	for _, value := range command.Positional {
		arguments += " " + strings.ToUpper(value.Name) + "…"
	}
	fmt.Fprintf(b, "Usage: %s%s [flags]\n\n%s\n", command.FullPath(), arguments, command.Help)
	for _, value := range command.Positional {
		fmt.Fprintf(b, "\n  %s…\n", strings.ToUpper(value.Name))
		paragraph(b, value.Help)
	}
	flagsHelp(b, command)
	fmt.Fprintf(b, "\n  %s\n", "-h, --help")
	paragraph(b, "Print this help.")
}

// flagsHelp prints the flags of a command in their groups, in the order of the
// command line.
func flagsHelp(b *strings.Builder, command *kong.Command) {
	var groups []string
	for _, flag := range command.Flags {
		if title := group(flag); !slices.Contains(groups, title) {
			groups = append(groups, title)
		}
	}
	for _, title := range groups {
		b.WriteString("\n")
		if title != "" {
			b.WriteString(title + "\n")
		}
		for _, flag := range command.Flags {
			if group(flag) == title {
				flagHelp(b, flag)
			}
		}
	}
}

func group(flag *kong.Flag) string {
	if flag.Group == nil {
		return ""
	}
	return flag.Group.Title
}

// flagHelp prints a flag, its variable and default beside it, its meaning below.
func flagHelp(b *strings.Builder, flag *kong.Flag) {
	beside := variable(flag)
	if flag.HasDefault {
		beside = strings.TrimPrefix(beside+", default "+strings.ReplaceAll(flag.Default, ",", ", "), ", ")
	}
	const column = 32
	lines := wrapped(beside, helpWidth-column)
	fmt.Fprintf(b, "%s\n", strings.TrimRight(fmt.Sprintf("  %-*s%s", column-2, flag.Summary(), lines[0]), " "))
	for _, line := range lines[1:] {
		fmt.Fprintf(b, "%*s%s\n", column, "", line)
	}
	paragraph(b, flag.Help)
}

// paragraph prints a meaning below what it is about.
func paragraph(b *strings.Builder, text string) {
	const indent = 6
	for _, line := range wrapped(text, helpWidth-indent) {
		fmt.Fprintf(b, "%*s%s\n", indent, "", line)
	}
}

// wrapped is a text in lines of at most width characters, or one word each.
func wrapped(text string, width int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case columns(*last)+1+columns(word) <= width:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}
