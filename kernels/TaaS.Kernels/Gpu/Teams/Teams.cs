using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>The threads that share one piece of work. A grid's teams take the pieces in turn: the first of a team is <see cref="First"/>, the next <see cref="Step"/> further.</summary>
internal interface ITeam
{
    /// <summary>Whether the team has more threads than one.</summary>
    static abstract bool IsShared { get; }

    /// <summary>Whether the team is a whole group, with barriers and shared memory.</summary>
    static abstract bool IsGroup { get; }

    /// <summary>A thread's number within its team.</summary>
    static abstract int Lane { get; }

    /// <summary>Threads of a team.</summary>
    static abstract int Lanes { get; }

    static abstract int First { get; }

    static abstract int Step { get; }
}

/// <summary>Each thread by itself: for pieces of a few elements.</summary>
internal readonly struct ThreadTeam : ITeam
{
    public static bool IsShared => false;

    public static bool IsGroup => false;

    public static int Lane => 0;

    public static int Lanes => 1;

    public static int First => Grid.GlobalIndex.X;

    public static int Step => Grid.DimX * Group.DimX;
}

/// <summary>A warp: no barriers. Groups hold whole warps.</summary>
internal readonly struct WarpTeam : ITeam
{
    public static bool IsShared => true;

    public static bool IsGroup => false;

    public static int Lane => Group.IdxX % Warp.WarpSize;

    public static int Lanes => Warp.WarpSize;

    public static int First => Grid.GlobalIndex.X / Warp.WarpSize;

    public static int Step => Grid.DimX * Group.DimX / Warp.WarpSize;
}

/// <summary>A group: for long pieces.</summary>
internal readonly struct GroupTeam : ITeam
{
    public static bool IsShared => true;

    public static bool IsGroup => true;

    public static int Lane => Group.IdxX;

    public static int Lanes => Group.DimX;

    public static int First => Grid.IdxX;

    public static int Step => Grid.DimX;
}
