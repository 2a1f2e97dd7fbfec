using System.Text;

namespace TaaS.Kernels.Cuda;

/// <summary>Writes an enum's member the way the C headers do: OutOfMemory is CUDA_ERROR_OUT_OF_MEMORY.</summary>
internal static class StatusName
{
    internal static string Of(string prefix, string member)
    {
        var name = new StringBuilder(prefix);
        foreach (var letter in member)
        {
            if (char.IsAsciiLetterUpper(letter))
            {
                name.Append('_');
            }

            name.Append(char.ToUpperInvariant(letter));
        }

        return name.ToString();
    }

    /// <summary>The name, or the number where the enum does not know it.</summary>
    internal static string Of<T>(string prefix, T value)
        where T : struct, Enum => Enum.GetName(value) is { } member ? Of(prefix, member) : $"{prefix} code";
}
