using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TaaS.Runtime.Programs;

/// <summary>What a user's program says when it is asked who it is: one JSON line, before anything runs. A program that never calls the host says nothing.</summary>
/// <param name="Program">The training program's name.</param>
/// <param name="Runtime">Version of TaaS.Runtime that it was built with.</param>
/// <param name="Taas">Marks the line; always <c>program</c>.</param>
internal sealed record ProgramIntroduction(
    [property: JsonPropertyName("program")] string Program,
    [property: JsonPropertyName("runtime")] string Runtime,
    [property: JsonPropertyName("taas"), JsonPropertyOrder(-1)] string Taas = ProgramIntroduction.Kind)
{
    /// <summary>The environment variable that asks.</summary>
    public const string Variable = "TAAS_INTRODUCE";

    private const string Kind = "program";

    private const string Mark = "{\"taas\":\"program\"";

    /// <summary>True if this process was started to say who it is.</summary>
    public static bool IsAskedFor => Environment.GetEnvironmentVariable(Variable) == "1";

    /// <summary>Version of this very library.</summary>
    public static string RuntimeVersion { get; } =
        typeof(ProgramIntroduction).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>What a program says.</summary>
    public static ProgramIntroduction Of(ITrainingProgram program) => new(program.Name, RuntimeVersion);

    /// <summary>Reads a line; null if it is the program's own.</summary>
    public static ProgramIntroduction? Parse(string line)
    {
        if (!line.StartsWith(Mark, StringComparison.Ordinal))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(line, ProgramJson.Default.ProgramIntroduction);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Says it.</summary>
    public void Send(TextWriter output) => output.WriteLine(JsonSerializer.Serialize(this, ProgramJson.Default.ProgramIntroduction));
}

[JsonSerializable(typeof(ProgramIntroduction))]
internal sealed partial class ProgramJson : JsonSerializerContext;
