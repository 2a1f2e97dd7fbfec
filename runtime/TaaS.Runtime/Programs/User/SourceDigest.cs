using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace TaaS.Runtime.Programs;

/// <summary>A fingerprint of all that goes into the build of a user's program, so that what has not changed is not built again.</summary>
internal static class SourceDigest
{
    private const int MostFiles = 2_000;
    private const long LargeFile = 1 << 20;

    // What a build makes, and what training leaves.
    private static readonly string[] LeftOut = ["bin", "obj", "publish", "runs", "artifacts"];

    // Files beside a single file and above a program that its build reads.
    private static readonly string[] FromAbove = ["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "NuGet.config", "nuget.config", "global.json"];

    /// <summary>The fingerprint, or null where only a build can tell what changed: the program refers to files outside its folder, or the folder holds too many.</summary>
    /// <param name="source">The program.</param>
    /// <param name="packages">Folder of packages that it may be built with, or null.</param>
    public static string? Of(ProgramSource source, string? packages)
    {
        var files = source.Kind == ProgramKind.SingleFile ? [source.File] : Files(source.Folder);
        if (files is null || files.Any(ReachesOutside))
        {
            return null;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, $"{Environment.Version} {source.File}");
        foreach (var file in files)
        {
            AddFile(hash, file);
        }

        for (var folder = source.Kind == ProgramKind.SingleFile ? source.Folder : Path.GetDirectoryName(source.Folder); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            foreach (var file in FromAbove.Select(name => Path.Combine(folder, name)).Where(File.Exists))
            {
                AddFile(hash, file);
            }
        }

        if (packages is not null)
        {
            foreach (var package in Directory.GetFiles(packages, "*.nupkg").Order(StringComparer.Ordinal))
            {
                AddStamp(hash, package);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static List<string>? Files(string folder)
    {
        var files = new List<string>();
        var folders = new Queue<string>([folder]);
        while (folders.TryDequeue(out var next))
        {
            files.AddRange(Directory.GetFiles(next).Where(static file => !Path.GetFileName(file).StartsWith('.')));
            if (files.Count > MostFiles)
            {
                return null;
            }

            foreach (var below in Directory.GetDirectories(next))
            {
                var name = Path.GetFileName(below);
                if (!name.StartsWith('.') && !LeftOut.Contains(name))
                {
                    folders.Enqueue(below);
                }
            }
        }

        files.Sort(StringComparer.Ordinal);
        return files;
    }

    private static bool ReachesOutside(string file) => Path.GetExtension(file) switch
    {
        ".cs" => File.ReadLines(file).TakeWhile(static line => line.Length == 0 || line.StartsWith('#') || line.StartsWith("//", StringComparison.Ordinal))
            .Any(static line => line.StartsWith("#:project", StringComparison.Ordinal)),
        ".csproj" or ".fsproj" or ".vbproj" or ".props" or ".targets" => File.ReadAllText(file).Contains("..", StringComparison.Ordinal),
        _ => false,
    };

    private static void AddFile(IncrementalHash hash, string path)
    {
        if (new FileInfo(path).Length > LargeFile)
        {
            AddStamp(hash, path);
            return;
        }

        Add(hash, path);
        Add(hash, File.ReadAllBytes(path));
    }

    private static void AddStamp(IncrementalHash hash, string path)
    {
        var file = new FileInfo(path);
        Add(hash, string.Create(CultureInfo.InvariantCulture, $"{path} {file.Length} {file.LastWriteTimeUtc.Ticks}"));
    }

    private static void Add(IncrementalHash hash, string text) => Add(hash, Encoding.UTF8.GetBytes(text));

    // With its length, so that what ends one part cannot begin the next.
    private static void Add(IncrementalHash hash, byte[] bytes)
    {
        hash.AppendData(BitConverter.GetBytes(bytes.Length));
        hash.AppendData(bytes);
    }
}
