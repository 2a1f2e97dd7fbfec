namespace TaaS.Jobs;

/// <summary>
/// The fields of one map, asked for one by one. A reader asks the same of a document, which answers with values and notes problems
/// (<see cref="YamlFieldMap"/>), and of a schema, which notes what it is asked for (<see cref="SchemaFieldMap"/>): so the two cannot differ.
/// </summary>
internal abstract class FieldMap
{
    /// <summary>Is the field there?</summary>
    public abstract bool Has(string key);

    /// <summary>Notes a problem of a field.</summary>
    public abstract void Report(string key, string message);

    /// <summary>A map below this one; an empty one where it is missing.</summary>
    public abstract FieldMap Map(string key, bool required = false);

    /// <summary>A list of maps.</summary>
    public abstract IReadOnlyList<T> List<T>(string key, ListRule rule, Func<FieldMap, T> read);

    /// <summary>A list of texts.</summary>
    public abstract IReadOnlyList<string> Texts(string key, ListRule rule, TextRule item);

    /// <summary>A map whose keys are the user's; each value is read by its key.</summary>
    public abstract IReadOnlyDictionary<string, T> Entries<T>(string key, EntriesRule rule, Func<FieldMap, string, T> read);

    /// <summary>Text; a fallback that is not empty is the default.</summary>
    public abstract string Text(string key, TextRule rule, string fallback = "", bool required = false);

    /// <summary>A word of a few.</summary>
    /// <param name="key">Field.</param>
    /// <param name="fallback">Value where it is missing.</param>
    /// <param name="choices">Words and what they stand for.</param>
    /// <param name="basis">What the default hangs on.</param>
    /// <param name="required">It must be there.</param>
    public abstract T OneOf<T>(string key, T fallback, IReadOnlyDictionary<string, T> choices, Default basis = Default.Fixed, bool required = false);

    /// <summary>A whole number.</summary>
    public abstract int Integer(string key, int fallback, int least = int.MinValue, int most = int.MaxValue, Default basis = Default.Fixed);

    /// <summary>A number.</summary>
    public abstract double Number(string key, double fallback, NumberRule rule, Default basis = Default.Fixed);

    /// <summary>True or false.</summary>
    public abstract bool Boolean(string key, bool fallback);

    /// <summary>A length of time above 0.</summary>
    public abstract TimeSpan? Time(string key, TimeSpan? fallback);

    /// <summary>An amount of a resource; null where it is missing or wrong.</summary>
    public abstract Quantity? Amount(string key, string resource, bool required = false);

    /// <summary>A field that others know and that is refused here, with the reason.</summary>
    public abstract void Refuse(string key, string why);

    /// <summary>Every field that was not asked for is a mistake.</summary>
    public abstract void RefuseOthers();

    /// <summary>Text, or null where the field is missing.</summary>
    public string? OptionalText(string key, TextRule rule) => Text(key, rule) is { Length: > 0 } text ? text : null;

    /// <summary>A whole number, or null where the field is missing.</summary>
    public int? OptionalInteger(string key, int least, int most)
    {
        var value = Integer(key, least, least, most, Default.OfOthers);
        return Has(key) ? value : null;
    }

    /// <summary>A map below this one, read where it is there.</summary>
    public T? Optional<T>(string key, Func<FieldMap, T> read)
        where T : class
    {
        var map = Map(key);
        return Has(key) ? read(map) : null;
    }
}

/// <summary>What a default hangs on.</summary>
internal enum Default
{
    /// <summary>It is always the same.</summary>
    Fixed,

    /// <summary>Other fields decide, so that it must not be written into an object before all of it is known.</summary>
    OfOthers,
}
