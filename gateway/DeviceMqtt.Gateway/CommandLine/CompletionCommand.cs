using System.CommandLine;
using System.Text;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary><c>completion</c>: what a shell needs to complete commands and options, and the page for <c>man</c>; made from the commands themselves.</summary>
internal static class CompletionCommand
{
    private const string Program = "devicemqtt";

    public static Command Create(RootCommand root)
    {
        Argument<string> kind = new("KIND") { Description = "bash, zsh or man." };
        _ = kind.AcceptOnlyFromAmong("bash", "zsh", "man");
        Command command = new("completion", "Print the completion for bash or zsh, or the manual page.") { kind };
        command.SetAction(parsed => Console.Write(parsed.GetValue(kind) switch { "bash" => Bash(root), "zsh" => Zsh(root), _ => Man(root) }));
        return command;
    }

    // The words on the line that are no options lead to the command.
    private static string Bash(RootCommand root)
    {
        StringBuilder text = new();
        text.Append($"# bash completion for {Program}\n_{Program}() {{\n  local cur=${{COMP_WORDS[COMP_CWORD]}} path= word i\n");
        text.Append("  for ((i = 1; i < COMP_CWORD; i++)); do\n    word=${COMP_WORDS[i]}\n    [[ $word == -* ]] || path+=\" $word\"\n  done\n  local words=\n  case \"$path\" in\n");
        // The longest first: what follows a command's name are its arguments.
        foreach ((string path, Command command) in All(root, "").OrderByDescending(static each => each.Path.Length))
            text.Append($"    \"{path}\"{(path.Length == 0 ? "" : "*")}) words=\"{string.Join(' ', Words(command))}\" ;;\n");
        return text.Append($"  esac\n  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\") $(compgen -f -- \"$cur\"))\n}}\ncomplete -o filenames -F _{Program} {Program}\n").ToString();
    }

    private static string Zsh(RootCommand root)
    {
        StringBuilder text = new();
        text.Append($"#compdef {Program}\n_{Program}() {{\n  local path= word words_here=()\n  for word in ${{words[2,CURRENT-1]}}; do\n    [[ $word == -* ]] || path+=\" $word\"\n  done\n  case \"$path\" in\n");
        foreach ((string path, Command command) in All(root, "").OrderByDescending(static each => each.Path.Length))
            text.Append($"    \"{path}\"{(path.Length == 0 ? "" : "*")}) words_here=({string.Join(' ', Words(command))}) ;;\n");
        return text.Append($"  esac\n  compadd -- $words_here\n  _files\n}}\n_{Program} \"$@\"\n").ToString();
    }

    private static string Man(RootCommand root)
    {
        StringBuilder text = new();
        text.Append($".TH {Program.ToUpperInvariant()} 1\n.SH NAME\n{Program} \\- {Roff(root.Description)}\n.SH SYNOPSIS\n.B {Program}\n[\\fIcommand\\fR] [\\fIoptions\\fR]\n.SH COMMANDS\n");
        foreach ((string path, Command command) in All(root, ""))
        {
            string arguments = string.Concat(command.Arguments.Select(static argument => $" \\fI{Roff(argument.Name)}\\fR"));
            text.Append($".SS {Program}{Roff(path)}{arguments}\n{Roff(command.Description)}\n");
            foreach (Argument argument in command.Arguments)
                text.Append($".TP\n\\fI{Roff(argument.Name)}\\fR\n{Roff(argument.Description)}\n");
            foreach (Option option in command.Options.Where(static option => !option.Hidden))
                text.Append($".TP\n\\fB{Roff(option.Name)}\\fR\n{Roff(option.Description)}\n");
        }

        return text.Append($".SH FILES\n.TP\n/etc/{Program}/gateway.json\nSettings.\n.TP\n/var/lib/{Program}\nEverything that is kept.\n").ToString();
    }

    private static IEnumerable<(string Path, Command Command)> All(Command command, string path)
    {
        yield return (path, command);
        foreach (Command child in command.Subcommands.Where(static child => !child.Hidden))
            foreach ((string Path, Command Command) each in All(child, $"{path} {child.Name}"))
                yield return each;
    }

    private static IEnumerable<string> Words(Command command) =>
        command.Subcommands.Where(static child => !child.Hidden).Select(static child => child.Name).Concat(command.Options.Where(static option => !option.Hidden).Select(static option => option.Name));

    // roff(7): a line may not begin with a dot, and a dash in an option is a dash.
    private static string Roff(string? text) => (text ?? "").Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal).Replace("\n.", "\n\\&.", StringComparison.Ordinal);
}
