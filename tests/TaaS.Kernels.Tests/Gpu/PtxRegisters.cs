using System.Text.RegularExpressions;

namespace TaaS.Kernels.Tests.Gpu;

/// <summary>
/// How many 32-bit registers a thread needs at once, by which values are still needed where. The assembler may do with a few less by reordering,
/// and cannot do with much less. Not counted: parameters, which it reads from constant memory where they are used, and predicates, which have
/// registers of their own. A product that only one addition takes is part of that addition, as the assembler fuses it.
/// </summary>
internal sealed partial class PtxRegisters
{
    private readonly List<Statement> _statements = [];
    private readonly Dictionary<string, int> _labels = [];

    private PtxRegisters(string text)
    {
        foreach (var line in text[text.IndexOf("\n{", StringComparison.Ordinal)..].Split('\n').Select(line => line.Trim()))
        {
            if (Label().Match(line) is { Success: true } label)
            {
                _labels[label.Groups["name"].Value] = _statements.Count;
            }
            else if (Instruction().Match(line) is { Success: true } instruction)
            {
                _statements.Add(Statement.Of(instruction));
            }
        }
    }

    /// <summary>The most that are needed at any place.</summary>
    public static int Peak(Ptx ptx)
    {
        var kernel = new PtxRegisters(ptx.Text);
        kernel.FuseProducts();
        var parameters = kernel.Parameters();
        return kernel.LiveBeforeEach().Max(live => live.Sum(register => parameters.Contains(register) ? 0 : Words(register)));
    }

    private static int Words(string register) => register[1] switch { 'p' => 0, 'r' when register[2] == 'd' => 2, _ => 1 };

    private void FuseProducts()
    {
        var (made, used) = (Places(statement => statement.Made), Places(statement => statement.Used));
        var block = 0;
        var blocks = new int[_statements.Count];
        for (var i = 0; i < blocks.Length; i++)
        {
            block += _labels.ContainsValue(i) ? 1 : 0;
            blocks[i] = block;
            block += _statements[i].IsBranch ? 1 : 0;
        }

        for (var i = 0; i < blocks.Length; i++)
        {
            if (_statements[i] is { Operation: "mul.f32", Guard: null, Made: [var product] } && made[product].Count == 1 && used.GetValueOrDefault(product) is [var sum]
                && _statements[sum].Operation == "add.f32" && blocks[sum] == blocks[i])
            {
                _statements[sum] = _statements[sum] with { Used = [.. _statements[sum].Used.Where(register => register != product), .. _statements[i].Used] };
                _statements[i] = _statements[i] with { Used = [], Made = [] };
            }
        }
    }

    private Dictionary<string, List<int>> Places(Func<Statement, IReadOnlyList<string>> registers) => _statements
        .SelectMany((statement, place) => registers(statement).Select(register => (register, place)))
        .GroupBy(entry => entry.register, entry => entry.place)
        .ToDictionary(group => group.Key, group => group.ToList());

    /// <summary>Registers that hold a parameter, or a constant, and nothing else.</summary>
    private HashSet<string> Parameters()
    {
        var known = new HashSet<string>();
        var single = Places(statement => statement.Made).Where(entry => entry.Value.Count == 1).Select(entry => (Register: entry.Key, Statement: _statements[entry.Value[0]])).ToArray();
        while (true)
        {
            var before = known.Count;
            known.UnionWith(single.Where(one => one.Statement.IsPlainCopy && one.Statement.Used.All(known.Contains)).Select(one => one.Register));
            if (known.Count == before)
            {
                return known;
            }
        }
    }

    private HashSet<string>[] LiveBeforeEach()
    {
        HashSet<string>[] live = [.. _statements.Select(_ => new HashSet<string>())];
        for (var changed = true; changed;)
        {
            changed = false;
            for (var i = _statements.Count - 1; i >= 0; i--)
            {
                var needed = Followers(i).SelectMany(next => live[next]).Except(_statements[i].Made).Union(_statements[i].Used).ToHashSet();
                changed |= needed.Count != live[i].Count;
                live[i] = needed;
            }
        }

        return live;
    }

    private IEnumerable<int> Followers(int place)
    {
        var statement = _statements[place];
        if (statement.Target is { } target)
        {
            yield return _labels[target];
        }

        if (place + 1 < _statements.Count && (!statement.IsBranch || statement.Guard is not null))
        {
            yield return place + 1;
        }
    }

    [GeneratedRegex(@"^(?<name>L_\w+):$")]
    private static partial Regex Label();

    [GeneratedRegex(@"^(?:@!?(?<guard>%p\d+)\s+)?(?<operation>[a-z][\w.]*)\s*(?<operands>.*);$")]
    private static partial Regex Instruction();

    [GeneratedRegex(@"%(?:rd|r|f|p)\d+")]
    private static partial Regex Register();

    private sealed record Statement(string Operation, string? Guard, IReadOnlyList<string> Made, IReadOnlyList<string> Used, string? Target)
    {
        public bool IsBranch => Operation is "bra" or "bra.uni" or "ret";

        public bool IsPlainCopy => Guard is null && (Operation.StartsWith("ld.param", StringComparison.Ordinal) || Operation.StartsWith("cvta", StringComparison.Ordinal) || Operation.StartsWith("mov", StringComparison.Ordinal));

        public static Statement Of(Match instruction)
        {
            var (operation, operands) = (instruction.Groups["operation"].Value, instruction.Groups["operands"].Value.Trim());
            var guard = instruction.Groups["guard"] is { Success: true } group ? group.Value : null;
            if (operation.StartsWith("bra", StringComparison.Ordinal))
            {
                return new Statement(operation, guard, [], guard is null ? [] : [guard], operands);
            }

            // What comes first is made, unless the instruction makes nothing.
            var makes = !operation.StartsWith("st.", StringComparison.Ordinal) && !operation.StartsWith("bar", StringComparison.Ordinal);
            var end = operands.StartsWith('{') ? operands.IndexOf('}', StringComparison.Ordinal) : operands.IndexOf(',', StringComparison.Ordinal);
            var first = makes && end > 0 ? operands[..end] : "";
            string[] made = [.. Register().Matches(first).Select(match => match.Value)];
            string[] used = [.. Register().Matches(operands[first.Length..]).Select(match => match.Value)];

            // Where the guard does not hold the old value stays.
            return new Statement(operation, guard, made, guard is null ? used : [.. used, guard, .. made], null);
        }
    }
}
