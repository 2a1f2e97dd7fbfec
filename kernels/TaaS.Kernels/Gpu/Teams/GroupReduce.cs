using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>Folds what the threads of a team hold; every one gets the result. The order depends on the number of threads alone.</summary>
internal static class GroupReduce
{
    // Warps of the largest group there is.
    private const int MostWarps = 32;

    /// <summary>Room for the warps' results, once for a kernel and a type.</summary>
    internal static ArrayView<T> Room<T>()
        where T : unmanaged, IAccumulator<T> => SharedMemory.Allocate<T>(MostWarps);

    /// <summary>Lanes exchange what they hold until all have the warp's result, then do so with the results of the warps. All threads of the team must come here; warps of a group are a power of two.</summary>
    internal static T All<TTeam, T>(T value, ArrayView<T> room)
        where TTeam : struct, ITeam
        where T : unmanaged, IAccumulator<T>
    {
        if (TTeam.IsShared)
        {
            value = AcrossLanes(value, Warp.WarpSize);
        }

        if (TTeam.IsGroup)
        {
            int lane = Group.IdxX % Warp.WarpSize, warps = Group.DimX / Warp.WarpSize;
            if (lane == 0)
            {
                room[Group.IdxX / Warp.WarpSize] = value;
            }

            Group.Barrier();
            value = AcrossLanes(room[lane % warps], warps);

            // The next use must not overwrite what another thread still reads.
            Group.Barrier();
        }

        return value;
    }

    /// <summary>Folds what threads hold that are whole multiples of the width apart; the first of them get the result. Width and the group's size are powers of two.</summary>
    internal static T AcrossLines<T>(T value, ArrayView<T> room, int width)
        where T : unmanaged, IAccumulator<T>
    {
        int thread = Group.IdxX, line = thread / width;
        room[thread] = value;
        for (var half = Group.DimX / width / 2; half > 0; half /= 2)
        {
            Group.Barrier();
            if (line < half)
            {
                value = T.Combine(value, room[thread + half * width]);
                room[thread] = value;
            }
        }

        Group.Barrier();
        return value;
    }

    /// <summary>Folds each run of so many lanes, a power of two.</summary>
    private static T AcrossLanes<T>(T value, int lanes)
        where T : unmanaged, IAccumulator<T>
    {
        for (var mask = 1; mask < lanes; mask *= 2)
        {
            var other = T.FromLane(value, mask);

            // Both lanes of a pair combine in the same order, where their bits could differ.
            value = T.IsSymmetric || (Group.IdxX & mask) == 0 ? T.Combine(value, other) : T.Combine(other, value);
        }

        return value;
    }
}
