using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace TaaS.Runtime.Programs;

/// <summary>Builds a user's program by <c>dotnet build</c>, once for each content, in a cache folder of its own: the sources' folder stays as it is.</summary>
internal sealed class ProgramBuild
{
    private const string NoSdk = "No .NET SDKs were found";

    private static readonly TimeSpan LockInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan KeepTime = TimeSpan.FromDays(7);

    private readonly ProgramSource _source;
    private readonly ProgramOptions _options;
    private readonly string _folder;

    public ProgramBuild(ProgramSource source, ProgramOptions options)
    {
        (_source, _options) = (source, options);
        var place = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source.File)))[..12];
        _folder = Path.Combine(options.CacheFolder, $"{source.Name}-{place}");
    }

    /// <summary>The built program; builds it if it is not there or has changed.</summary>
    /// <returns>Path of the assembly to start.</returns>
    /// <exception cref="ProgramException">It does not build; the message names the first error.</exception>
    /// <exception cref="MissingSdkException">This machine cannot build.</exception>
    public async Task<string> RunAsync(CancellationToken cancel)
    {
        Directory.CreateDirectory(_folder);
        using var alone = await LockAsync(cancel);
        // What runs from an earlier build keeps its files: each content has a folder.
        var key = SourceDigest.Of(_source, _options.Packages);
        var output = Path.Combine(_folder, $"out-{key?[..16] ?? "live"}");
        var mark = Path.Combine(output, ".built");
        if (key is not null && File.Exists(mark) && await File.ReadAllTextAsync(mark, cancel) is var built && File.Exists(built))
        {
            File.SetLastWriteTimeUtc(mark, TimeProvider.System.GetUtcNow().UtcDateTime);
            return built;
        }

        DeleteUnused(output);
        _options.Notice($"building {Path.GetFileName(_source.File)}");
        var target = await BuildAsync(output, cancel);
        await File.WriteAllTextAsync(mark, target, cancel);
        return target;
    }

    private async Task<FileStream> LockAsync(CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(_folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(Path.Combine(_folder, "lock")))
            {
                await Task.Delay(LockInterval, cancel);
            }
        }
    }

    private void DeleteUnused(string current)
    {
        var oldest = TimeProvider.System.GetUtcNow().UtcDateTime - KeepTime;
        foreach (var output in Directory.GetDirectories(_folder, "out-*").Where(output => output != current && File.GetLastWriteTimeUtc(Path.Combine(output, ".built")) < oldest))
        {
            Directory.Delete(output, recursive: true);
        }
    }

    private async Task<string> BuildAsync(string output, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(DotnetMuxer.Path,
        [
            "build", _source.File, "-c", "Release", "--artifacts-path", _folder, "-o", output, "-nologo", "-v:q", "-clp:ErrorsOnly;NoSummary",
            "-t:Build", "-getProperty:TargetPath", "-getProperty:OutputType",
            .. _options.Packages is { } packages ? [$"-p:RestoreAdditionalProjectSources={packages}"] : Array.Empty<string>(),
        ])
        {
            WorkingDirectory = _source.Folder,
        };
        // Build servers would outlive this command; messages are searched below.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["UseSharedCompilation"] = "false";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        (int Code, List<string> Output, List<string> Errors) build;
        try
        {
            build = await ChildProcess.RunAsync(start, static _ => false, cancel);
        }
        catch (Win32Exception)
        {
            throw new MissingSdkException(_source.File);
        }

        if (build.Code != 0)
        {
            throw build.Errors.Concat(build.Output).Any(static line => line.Contains(NoSdk, StringComparison.Ordinal))
                ? new MissingSdkException(_source.File)
                : Failure([.. build.Errors, .. build.Output]);
        }

        // Targets of the project's own may have printed before.
        using var properties = JsonDocument.Parse(string.Join('\n', build.Output.SkipWhile(static line => line != "{")));
        var values = properties.RootElement.GetProperty("Properties");
        if (values.GetProperty("OutputType").GetString() is not ("Exe" or "WinExe"))
        {
            throw new ProgramException($"spec.program.path: {_source.File} builds a library, no program; set OutputType to Exe and call TaaSHost.RunAsync in Main");
        }

        return values.GetProperty("TargetPath").GetString() is { Length: > 0 } target
            ? target
            : throw new ProgramException($"spec.program.path: {_source.File} builds for several frameworks; set one TargetFramework, such as net10.0");
    }

    private ProgramException Failure(List<string> lines)
    {
        var errors = lines.Where(static line => line.Contains("error ", StringComparison.Ordinal)).Select(Shorten).Distinct().ToList();
        var first = errors.FirstOrDefault() ?? lines.FirstOrDefault(static line => line.Length > 0) ?? "dotnet build says nothing";
        var more = errors.Count > 1 ? $"; and {errors.Count - 1} more" : "";
        var hint = first.Contains("NU1101", StringComparison.Ordinal) && first.Contains("TaaS.", StringComparison.Ordinal)
            ? "; './taas pack' in a clone of the repository makes this package"
            : "";
        return new ProgramException($"spec.program.path: {_source.File} does not build: {first}{more}{hint}");
    }

    /// <summary>An error of MSBuild without the project at its end and the folder at its start.</summary>
    private string Shorten(string line)
    {
        var end = line.LastIndexOf(" [", StringComparison.Ordinal);
        var text = (end > 0 && line.EndsWith(']') ? line[..end] : line).Trim();
        var folder = _source.Folder + Path.DirectorySeparatorChar;
        return text.StartsWith(folder, StringComparison.Ordinal) ? text[folder.Length..] : text;
    }
}
