using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace TaaS.Operator.Tests.ApiServer;

/// <summary>Which objects a list or a watch is about.</summary>
internal sealed partial class Selector
{
    private readonly List<Func<JsonObject, bool>> _rules = [];

    public Selector(string? labels, string? fields)
    {
        foreach (var term in SplitTerms(labels))
        {
            _rules.Add(ParseLabel(term));
        }

        foreach (var term in SplitTerms(fields))
        {
            var match = FieldTerm().Match(term);
            if (!match.Success)
            {
                throw ApiError.BadRequest($"invalid field selector: {term}");
            }

            var (path, isNot, value) = (match.Groups["path"].Value, match.Groups["op"].Value == "!=", match.Groups["value"].Value);
            _rules.Add(item => (JsonPath.Text(item, path) ?? "") == value != isNot);
        }
    }

    public bool Matches(JsonObject item) => _rules.TrueForAll(rule => rule(item));

    private static Func<JsonObject, bool> ParseLabel(string term)
    {
        if (SetTerm().Match(term) is { Success: true } set)
        {
            var values = set.Groups["values"].Value.Split(',', StringSplitOptions.TrimEntries).ToHashSet();
            var isNot = set.Groups["op"].Value == "notin";
            return item => Label(item, set.Groups["key"].Value) is { } value ? values.Contains(value) != isNot : isNot;
        }

        if (EqualTerm().Match(term) is { Success: true } equal)
        {
            var isNot = equal.Groups["op"].Value == "!=";
            return item => (Label(item, equal.Groups["key"].Value) == equal.Groups["value"].Value) != isNot;
        }

        return term.StartsWith('!')
            ? item => Label(item, term[1..].Trim()) is null
            : item => Label(item, term.Trim()) is not null;
    }

    private static string? Label(JsonObject item, string key) => item["metadata"]?["labels"]?[key]?.GetValue<string>();

    // Commas within brackets do not part terms.
    private static IEnumerable<string> SplitTerms(string? text)
    {
        var (start, depth) = (0, 0);
        for (var i = 0; text is { Length: > 0 } && i <= text.Length; i++)
        {
            if (i == text.Length || (text[i] == ',' && depth == 0))
            {
                yield return text[start..i].Trim();
                start = i + 1;
            }
            else
            {
                depth += text[i] switch { '(' => 1, ')' => -1, _ => 0 };
            }
        }
    }

    [GeneratedRegex(@"^(?<key>[^\s!=]+)\s+(?<op>in|notin)\s+\((?<values>.*)\)$")]
    private static partial Regex SetTerm();

    [GeneratedRegex(@"^(?<key>[^\s!=]+)\s*(?<op>==|=|!=)\s*(?<value>\S*)$")]
    private static partial Regex EqualTerm();

    [GeneratedRegex(@"^(?<path>[^\s!=]+)\s*(?<op>==|=|!=)\s*(?<value>\S*)$")]
    private static partial Regex FieldTerm();
}
