namespace TaaS.Kernels.Gpu;

/// <summary>How the groups of a launch share a product: tiles of the result, parts of the sums, matrices of the batch. A kernel argument: plain fields only.</summary>
internal struct ProductGrid
{
    // Tiles of a band follow each other down its columns, so that groups which run together read the same rows and columns.
    private const int BandRows = 8;

    internal int RowTiles;
    internal int ColumnTiles;
    internal int Batches;

    /// <summary>Parts that the sums are cut into; their results are added up afterwards.</summary>
    internal int Parts;

    /// <summary>Terms of a part, a multiple of the tile's depth.</summary>
    internal int PartTerms;

    internal int Terms;

    internal readonly long Groups => (long)RowTiles * ColumnTiles * Batches * Parts;

    /// <summary>Which tile, of which matrix, over which terms a group computes. Results count parts as further batches.</summary>
    internal readonly ProductPlace Place(int group)
    {
        var tiles = RowTiles * ColumnTiles;
        int result = group / tiles, tile = group % tiles;
        int part = result / Batches, bandTiles = BandRows * ColumnTiles;
        int band = tile / bandTiles * BandRows, inside = tile % bandTiles;
        var height = RowTiles - band < BandRows ? RowTiles - band : BandRows;
        ProductPlace place;
        place.RowTile = band + inside % height;
        place.ColumnTile = inside / height;
        place.Result = result;
        place.Batch = result % Batches;
        place.FirstTerm = part * PartTerms;
        place.EndTerm = Terms - place.FirstTerm < PartTerms ? Terms : place.FirstTerm + PartTerms;
        return place;
    }
}

/// <summary>A group's share of a product.</summary>
internal struct ProductPlace
{
    internal int RowTile;
    internal int ColumnTile;
    internal int Result;
    internal int Batch;
    internal int FirstTerm;
    internal int EndTerm;
}
