using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using TaaS.Jobs;

namespace TaaS.Cli.Cluster;

/// <summary>How a command shows what it found: a table for people, JSON or YAML for programs.</summary>
internal sealed class Output
{
    // Of a file or a pipe, so that no row is broken.
    private const int PlainWidth = 400;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Option<string> _format = new Option<string>("--output", "-o") { Description = "How to show it: table, json or yaml.", HelpName = "FORMAT", DefaultValueFactory = _ => "table" }
        .AcceptOnlyFromAmong("table", "json", "yaml");

    public Output(Command command) => command.Add(_format);

    /// <summary>Writes it as the command line wants it.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="document">What programs read.</param>
    /// <param name="show">Shows people the same.</param>
    public void Write(ParseResult parsed, JsonNode document, Action show)
    {
        switch (parsed.GetRequiredValue(_format))
        {
            case "json":
                Console.WriteLine(document.ToJsonString(Indented));
                break;
            case "yaml":
                Console.Write(JsonYaml.Write(document));
                break;
            default:
                show();
                break;
        }
    }

    /// <summary>Shows a table, without borders so that rows can be cut and searched.</summary>
    public static void Show(Table table)
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = PlainWidth;
        }

        AnsiConsole.Write(table);
    }

    /// <summary>A table of these columns.</summary>
    public static Table Table(params ReadOnlySpan<string> columns)
    {
        var table = new Table().Border(TableBorder.None);
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(column).NoWrap().Padding(0, 0, 3, 0));
        }

        return table;
    }

    /// <summary>Adds a row of plain texts.</summary>
    public static void Row(Table table, params ReadOnlySpan<string> cells)
    {
        var escaped = new string[cells.Length];
        for (var i = 0; i < cells.Length; i++)
        {
            escaped[i] = Markup.Escape(cells[i]);
        }

        table.AddRow(escaped);
    }
}
