using System.Text.RegularExpressions;

namespace TaaS.Jobs;

/// <summary>Patterns of texts. They stand in the schemas too, so they are such as .NET and RE2 read alike.</summary>
internal static partial class FieldPatterns
{
    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
    public static partial Regex Name();

    [GeneratedRegex("^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$")]
    public static partial Regex JobName();

    [GeneratedRegex("^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$")]
    public static partial Regex ObjectName();

    [GeneratedRegex("^/[^:]*$")]
    public static partial Regex AbsolutePath();

    [GeneratedRegex("^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$")]
    public static partial Regex LabelKey();

    [GeneratedRegex("^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$")]
    public static partial Regex LabelValue();

    [GeneratedRegex("^(cpu|cuda:[0-9]{1,3})$")]
    public static partial Regex Device();

    [GeneratedRegex("^(cpu|memory|ephemeral-storage|hugepages-[0-9]+[KMG]i|[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)$")]
    public static partial Regex ResourceName();

    [GeneratedRegex("^[A-Za-z_.-][A-Za-z0-9_.-]*$")]
    public static partial Regex VariableName();

    [GeneratedRegex("^metadata\\.name$")]
    public static partial Regex NodeField();

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(/[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?){0,7}$")]
    public static partial Regex Cohort();

    [GeneratedRegex("^[^\\s]+$")]
    public static partial Regex User();
}
