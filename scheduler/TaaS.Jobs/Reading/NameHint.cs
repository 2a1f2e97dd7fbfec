namespace TaaS.Jobs;

/// <summary>What to tell a user who gave a name that does not exist.</summary>
public static class NameHint
{
    private const int MostListed = 12;

    /// <summary>The nearest name, if one is near; otherwise all there are.</summary>
    public static string For(string name, IReadOnlyCollection<string> known)
    {
        var nearest = known.MinBy(other => Spelling.Distance(other, name));
        return nearest switch
        {
            null => "there are none",
            _ when Spelling.Distance(nearest, name) <= Math.Max(1, name.Length / 3) => $"did you mean '{nearest}'?",
            _ when known.Count <= MostListed => $"known here: {string.Join(", ", known.Order(StringComparer.Ordinal))}",
            _ => $"{known.Count} are known here: {string.Join(", ", known.Order(StringComparer.Ordinal).Take(MostListed))}, …",
        };
    }
}
