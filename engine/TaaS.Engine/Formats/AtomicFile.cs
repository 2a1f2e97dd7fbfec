using System.Runtime.InteropServices;

namespace TaaS.Engine.Formats;

/// <summary>Replaces a file so that a reader, and a machine that loses power, finds the old content or the new, never half.</summary>
public static partial class AtomicFile
{
    /// <summary>Writes a temporary file beside the target, flushes it to disk, renames it over the target. On failure the target is as before.</summary>
    /// <exception cref="IOException">The content could not be written, such as on a full disk.</exception>
    public static void Write(string path, Action<Stream> content)
    {
        var target = Path.GetFullPath(path);
        var temporary = $"{target}.{Environment.ProcessId}.tmp";
        try
        {
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                WriteContent(file, content);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        FlushFolder(Path.GetDirectoryName(target)!);
    }

    private static void WriteContent(FileStream file, Action<Stream> content)
    {
        try
        {
            content(file);
            file.Flush(flushToDisk: true);
        }
        catch (ArgumentOutOfRangeException error)
        {
            // .NET's word for EFBIG: the file would be longer than a limit or the file system allows.
            throw new IOException($"the file is longer than this system allows ({error.Message})", error);
        }
    }

    /// <summary>A rename is on disk only when its folder is (fsync(2)). .NET opens no folders, so this asks the C library.</summary>
    private static void FlushFolder(string folder)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var descriptor = Open(folder, flags: 0);
        if (descriptor >= 0)
        {
            _ = FSync(descriptor);
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
