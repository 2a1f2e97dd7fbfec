using System.Text.Json;
using System.Text.Json.Serialization;

namespace TaaS.Runtime.Observability;

/// <summary><c>roles.json</c> of a run: its roles, what became of them, and where each shows its metrics. The supervisor writes it, <c>taas top</c> reads it.</summary>
internal sealed class RoleDirectory
{
    private readonly string _path;
    private readonly SortedDictionary<string, RoleEntry> _roles = new(StringComparer.Ordinal);

    /// <summary>Begins an empty directory.</summary>
    /// <param name="path">The run's <c>roles.json</c>.</param>
    public RoleDirectory(string path) => _path = path;

    /// <summary>A role was started, for the first time or again, or says where it shows its metrics.</summary>
    /// <param name="role">Which.</param>
    /// <param name="http">Where it shows them, or null while that is not known.</param>
    public void Started(string role, string? http = null) => Set(new RoleEntry { Role = role, State = RoleState.Running, Http = http });

    /// <summary>A role ended.</summary>
    /// <param name="role">Which.</param>
    /// <param name="isWhole">True if it did its part.</param>
    public void Ended(string role, bool isWhole) => Set(new RoleEntry { Role = role, State = isWhole ? RoleState.Done : RoleState.Lost });

    /// <summary>Reads a directory; empty if there is none, or not yet.</summary>
    public static IReadOnlyList<RoleEntry> Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), RolesJson.Default.Content)?.Roles ?? [];
        }
        catch (Exception error) when (error is IOException or JsonException)
        {
            return [];
        }
    }

    // Whoever reads it sees it whole, before or after. On a full disk the old one stays: nothing of the training hangs on it.
    private void Set(RoleEntry entry)
    {
        _roles[entry.Role] = entry;
        var draft = _path + ".tmp";
        try
        {
            File.WriteAllBytes(draft, JsonSerializer.SerializeToUtf8Bytes(new Content([.. _roles.Values]), RolesJson.Default.Content));
            File.Move(draft, _path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            File.Delete(draft);
        }
    }

    /// <summary>The file.</summary>
    internal sealed record Content(IReadOnlyList<RoleEntry> Roles);
}

/// <summary>A role of a run.</summary>
internal sealed record RoleEntry
{
    /// <summary>Its name, such as <c>worker-1</c>.</summary>
    public required string Role { get; init; }

    /// <summary>What became of it.</summary>
    public required RoleState State { get; init; }

    /// <summary>Where it shows its metrics, as <c>host:port</c>, or null.</summary>
    public string? Http { get; init; }
}

/// <summary>What became of a role.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RoleState>))]
public enum RoleState
{
    /// <summary>Its process runs.</summary>
    Running,

    /// <summary>It did its part.</summary>
    Done,

    /// <summary>It died or failed.</summary>
    Lost,
}
