using TaaS.Jobs;

namespace TaaS.Runtime.Programs;

/// <summary>What a user's program is given as.</summary>
internal enum ProgramKind
{
    /// <summary>A project, to be built.</summary>
    Project,

    /// <summary>A program in one <c>.cs</c> file, to be built.</summary>
    SingleFile,

    /// <summary>A built program, started by <c>dotnet</c>.</summary>
    Assembly,

    /// <summary>A file that starts by itself.</summary>
    Executable,
}

/// <summary>A user's program as <c>spec.program.path</c> names it.</summary>
/// <param name="File">The project, source, assembly or executable: a full path.</param>
/// <param name="Kind">Which of these it is.</param>
internal sealed record ProgramSource(string File, ProgramKind Kind)
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static readonly string[] Projects = [".csproj", ".fsproj", ".vbproj"];

    /// <summary>Folder of the file.</summary>
    public string Folder => Path.GetDirectoryName(File)!;

    /// <summary>Name without folder and extension.</summary>
    public string Name => Path.GetFileNameWithoutExtension(File);

    /// <summary>True if it has to be built first.</summary>
    public bool IsSource => Kind is ProgramKind.Project or ProgramKind.SingleFile;

    /// <summary>Looks at what a path holds.</summary>
    /// <exception cref="JobException">Nothing there, or nothing that runs.</exception>
    public static ProgramSource Find(string path)
    {
        var full = Path.GetFullPath(path);
        if (Directory.Exists(full))
        {
            return new ProgramSource(OnlyProject(full), ProgramKind.Project);
        }

        if (!System.IO.File.Exists(full))
        {
            throw Wrong($"{full} does not exist; a relative path starts at the job file's folder");
        }

        var extension = Path.GetExtension(full);
        return extension switch
        {
            ".cs" => new ProgramSource(full, ProgramKind.SingleFile),
            ".dll" when System.IO.File.Exists(Path.ChangeExtension(full, ".runtimeconfig.json")) => new ProgramSource(full, ProgramKind.Assembly),
            ".dll" => throw Wrong($"{full} is a library, no program: there is no {Path.GetFileNameWithoutExtension(full)}.runtimeconfig.json beside it"),
            _ when Projects.Contains(extension) => new ProgramSource(full, ProgramKind.Project),
            _ when IsExecutable(full) => new ProgramSource(full, ProgramKind.Executable),
            _ => throw Wrong($"{full} is no program; expected a folder with a project, a project, a .cs file, a .dll or an executable file"),
        };
    }

    private static bool IsExecutable(string file) => OperatingSystem.IsWindows()
        ? Path.GetExtension(file) == ".exe"
        : (System.IO.File.GetUnixFileMode(file) & Executable) != 0;

    private static string OnlyProject(string folder)
    {
        var projects = Directory.EnumerateFiles(folder).Where(file => Projects.Contains(Path.GetExtension(file))).Order(StringComparer.Ordinal).ToList();
        return projects switch
        {
            [var only] => only,
            [] => throw Wrong($"{folder} holds no project; expected one .csproj, or name a .cs file in it"),
            _ => throw Wrong($"{folder} holds {projects.Count} projects; name one of {string.Join(", ", projects.Select(Path.GetFileName))}"),
        };
    }

    private static JobException Wrong(string message) => new([new JobProblem("spec.program.path", 0, message)]);
}
