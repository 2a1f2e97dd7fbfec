using System.Runtime.InteropServices;
using TaaS.Kernels.Cuda;

namespace TaaS.Kernels.Tests.Cuda;

/// <summary>A machine with exactly the libraries a test puts on it; nothing is really loaded.</summary>
internal sealed unsafe class FaultyLoader : INativeLoader
{
    private readonly Dictionary<string, Library> _files = [];
    private readonly HashSet<string> _folders = [];
    private readonly List<Library> _loaded = [];

    /// <summary>Every name or path that was tried, in order.</summary>
    public List<string> Tried { get; } = [];

    /// <summary>Libraries still held.</summary>
    public int Held => _loaded.Count(library => library.IsHeld);

    public FaultyLoader Folder(string path)
    {
        _folders.Add(path);
        return this;
    }

    /// <summary>A library whose version function answers with a number of <see cref="Versions"/>.</summary>
    public FaultyLoader File(string file, nint versionFunction, params string[] missing)
    {
        _files[file] = new Library(versionFunction, missing);
        return this;
    }

    public FaultyLoader BrokenFile(string path)
    {
        _files[path] = new Library(0, []) { IsBroken = true };
        return this;
    }

    public bool TryLoad(string file, out nint library)
    {
        Tried.Add(file);
        library = 0;
        if (!_files.TryGetValue(file, out var found) || found.IsBroken)
        {
            return false;
        }

        found.IsHeld = true;
        _loaded.Add(found);
        library = _loaded.Count;
        return true;
    }

    public bool TryGetExport(nint library, string name, out nint address)
    {
        var asked = _loaded[(int)library - 1];
        address = asked.Missing.Contains(name) ? 0 : name.EndsWith("Version", StringComparison.Ordinal) ? asked.VersionFunction : 1;
        return address != 0;
    }

    public void Free(nint library) => _loaded[(int)library - 1].IsHeld = false;

    public bool FileExists(string path) => _files.ContainsKey(path);

    public bool FolderExists(string path) => _folders.Contains(path);

    private sealed class Library(nint versionFunction, string[] missing)
    {
        public nint VersionFunction { get; } = versionFunction;

        public string[] Missing { get; } = missing;

        public bool IsBroken { get; init; }

        public bool IsHeld { get; set; }
    }

    /// <summary>Version functions as libraries export them.</summary>
    internal static class Versions
    {
        public static nint Driver12 => (nint)(delegate* unmanaged<int*, int>)&TwelveFour;

        public static nint Driver11 => (nint)(delegate* unmanaged<int*, int>)&ElevenEight;

        public static nint DriverFails => (nint)(delegate* unmanaged<int*, int>)&StubLibrary;

        public static nint CublasLt12 => (nint)(delegate* unmanaged<nuint>)&Lt12;

        public static nint CublasLt13 => (nint)(delegate* unmanaged<nuint>)&Lt13;

        public static nint CublasLt11 => (nint)(delegate* unmanaged<nuint>)&Lt11;

        public static nint Cudnn9 => (nint)(delegate* unmanaged<nuint>)&Dnn9;

        public static nint Cudnn8 => (nint)(delegate* unmanaged<nuint>)&Dnn8;

        public static nint Nvml => (nint)(delegate* unmanaged<byte*, uint, int>)&NvmlText;

        [UnmanagedCallersOnly]
        private static int TwelveFour(int* version)
        {
            *version = 12040;
            return 0;
        }

        [UnmanagedCallersOnly]
        private static int ElevenEight(int* version)
        {
            *version = 11080;
            return 0;
        }

        [UnmanagedCallersOnly]
        private static int StubLibrary(int* version) => 34;

        [UnmanagedCallersOnly]
        private static nuint Lt12() => 120603;

        [UnmanagedCallersOnly]
        private static nuint Lt13() => 130101;

        [UnmanagedCallersOnly]
        private static nuint Lt11() => 111103;

        [UnmanagedCallersOnly]
        private static nuint Dnn9() => 91002;

        [UnmanagedCallersOnly]
        private static nuint Dnn8() => 8907;

        [UnmanagedCallersOnly]
        private static int NvmlText(byte* text, uint length)
        {
            "12.560.35.03\0"u8.CopyTo(new Span<byte>(text, (int)length));
            return 0;
        }
    }
}
