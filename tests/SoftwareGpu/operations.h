// The instructions that are emulated: name in the text, what its operands are, what a lane computes.
// Operands: w a word of 32 bits, d one of 64, p a predicate, and the last two in (…) for what the name does not say.
// In an expression a, b, c are a lane's operands as their types stand in the row.

// name, text, operands, type of the result, types of the operands, expression
#define UNARY_OPERATIONS(OP) \
    OP(MOV_F32, "mov.f32", "ww", uint32_t, uint32_t, a) \
    OP(MOV_B32, "mov.b32", "ww", uint32_t, uint32_t, a) \
    OP(MOV_B64, "mov.b64", "dd", uint64_t, uint64_t, a) \
    OP(CVTA_GLOBAL, "cvta.to.global.u64", "dd", uint64_t, uint64_t, a) \
    OP(NEG_F32, "neg.f32", "ww", float, float, -a) \
    OP(RCP_F32, "rcp.rn.f32", "ww", float, float, 1.0f / a) \
    OP(SQRT_F32, "sqrt.rn.f32", "ww", float, float, sqrtf(a)) \
    OP(CVT_F32_S32, "cvt.rn.f32.s32", "ww", float, int32_t, (float)a) \
    OP(CVT_S32_F32, "cvt.rzi.s32.f32", "ww", int32_t, float, to_integer(a)) \
    OP(CVT_U64_U32, "cvt.u64.u32", "dw", uint64_t, uint32_t, a) \
    OP(CVT_S64_S32, "cvt.s64.s32", "dw", int64_t, int32_t, a) \
    OP(CVT_U32_U64, "cvt.u32.u64", "wd", uint32_t, uint64_t, (uint32_t)a)

#define BINARY_OPERATIONS(OP) \
    OP(ADD_F32, "add.f32", "www", float, float, float, a + b) \
    OP(SUB_F32, "sub.f32", "www", float, float, float, a - b) \
    OP(MUL_F32, "mul.f32", "www", float, float, float, a * b) \
    OP(DIV_F32, "div.rn.f32", "www", float, float, float, a / b) \
    OP(ADD_S32, "add.s32", "www", uint32_t, uint32_t, uint32_t, a + b) \
    OP(SUB_S32, "sub.s32", "www", uint32_t, uint32_t, uint32_t, a - b) \
    OP(MUL_S32, "mul.lo.s32", "www", uint32_t, uint32_t, uint32_t, a * b) \
    OP(DIV_S32, "div.s32", "www", int32_t, int32_t, int32_t, quotient(a, b)) \
    OP(REM_S32, "rem.s32", "www", int32_t, int32_t, int32_t, remainder_of(a, b)) \
    OP(MIN_S32, "min.s32", "www", int32_t, int32_t, int32_t, a < b ? a : b) \
    OP(MAX_S32, "max.s32", "www", int32_t, int32_t, int32_t, a > b ? a : b) \
    OP(AND_B32, "and.b32", "www", uint32_t, uint32_t, uint32_t, a & b) \
    OP(OR_B32, "or.b32", "www", uint32_t, uint32_t, uint32_t, a | b) \
    OP(XOR_B32, "xor.b32", "www", uint32_t, uint32_t, uint32_t, a ^ b) \
    OP(SHL_B32, "shl.b32", "www", uint32_t, uint32_t, uint32_t, b > 31 ? 0 : a << b) \
    OP(SHR_U32, "shr.u32", "www", uint32_t, uint32_t, uint32_t, b > 31 ? 0 : a >> b) \
    OP(SHR_S32, "shr.s32", "www", int32_t, int32_t, uint32_t, a >> (b > 31 ? 31 : b)) \
    OP(ADD_U64, "add.u64", "ddd", uint64_t, uint64_t, uint64_t, a + b) \
    OP(ADD_S64, "add.s64", "ddd", uint64_t, uint64_t, uint64_t, a + b) \
    OP(MUL_S64, "mul.lo.s64", "ddd", uint64_t, uint64_t, uint64_t, a * b) \
    OP(SHR_U64, "shr.u64", "ddw", uint64_t, uint64_t, uint32_t, b > 63 ? 0 : a >> b) \
    OP(SHR_S64, "shr.s64", "ddw", int64_t, int64_t, uint32_t, a >> (b > 63 ? 63 : b)) \
    OP(WIDE_U32, "mul.wide.u32", "dww", uint64_t, uint32_t, uint32_t, (uint64_t)a * b)

// The ordered comparisons are false of a NaN, those with a u behind true of one.
#define COMPARISONS(OP) \
    OP(EQ_F32, "setp.eq.f32", float, a == b) \
    OP(GT_F32, "setp.gt.f32", float, a > b) \
    OP(GE_F32, "setp.ge.f32", float, a >= b) \
    OP(LT_F32, "setp.lt.f32", float, a < b) \
    OP(LE_F32, "setp.le.f32", float, a <= b) \
    OP(NEU_F32, "setp.neu.f32", float, !(a == b)) \
    OP(GTU_F32, "setp.gtu.f32", float, !(a <= b)) \
    OP(GEU_F32, "setp.geu.f32", float, !(a < b)) \
    OP(LTU_F32, "setp.ltu.f32", float, !(a >= b)) \
    OP(LEU_F32, "setp.leu.f32", float, !(a > b)) \
    OP(EQ_S32, "setp.eq.s32", int32_t, a == b) \
    OP(NE_S32, "setp.ne.s32", int32_t, a != b) \
    OP(GT_S32, "setp.gt.s32", int32_t, a > b) \
    OP(GE_S32, "setp.ge.s32", int32_t, a >= b) \
    OP(LT_S32, "setp.lt.s32", int32_t, a < b) \
    OP(LE_S32, "setp.le.s32", int32_t, a <= b) \
    OP(EQ_U32, "setp.eq.u32", uint32_t, a == b) \
    OP(NE_U32, "setp.ne.u32", uint32_t, a != b) \
    OP(HI_U32, "setp.hi.u32", uint32_t, a > b) \
    OP(HS_U32, "setp.hs.u32", uint32_t, a >= b) \
    OP(LO_U32, "setp.lo.u32", uint32_t, a < b) \
    OP(LS_U32, "setp.ls.u32", uint32_t, a <= b)

#define PREDICATE_OPERATIONS(OP) \
    OP(AND_PRED, "and.pred", "ppp", a & b) \
    OP(OR_PRED, "or.pred", "ppp", a | b) \
    OP(XOR_PRED, "xor.pred", "ppp", a ^ b) \
    OP(NOT_PRED, "not.pred", "pp", ~a) \
    OP(MOV_PRED, "mov.pred", "pp", a)

// name, text, operands; how each runs stands in run.c
#define OTHER_OPERATIONS(OP) \
    OP(MAD_U64, "mad.lo.u64", "dddd") \
    OP(SELECT, "selp.b32", "wwwp") \
    OP(IS_NAN, "testp.notanumber.f32", "pw") \
    OP(SHUFFLE, "shfl.sync.bfly.b32", "wwwww") \
    OP(BARRIER, "bar.sync", "w") \
    OP(RETURN, "ret", "") \
    OP(BRANCH, "bra", "l") \
    OP(LOAD_PARAMETER_32, "ld.param.b32", "wm") \
    OP(LOAD_PARAMETER_F32, "ld.param.f32", "wm") \
    OP(LOAD_PARAMETER_64, "ld.param.b64", "dm") \
    OP(LOAD_GLOBAL_32, "ld.global.b32", "wa") \
    OP(LOAD_GLOBAL_F32, "ld.global.f32", "wa") \
    OP(LOAD_GLOBAL_64, "ld.global.b64", "da") \
    OP(STORE_GLOBAL_32, "st.global.b32", "aw") \
    OP(STORE_GLOBAL_F32, "st.global.f32", "aw") \
    OP(LOAD_SHARED_32, "ld.shared.b32", "wa") \
    OP(LOAD_SHARED_F32, "ld.shared.f32", "wa") \
    OP(STORE_SHARED_32, "st.shared.b32", "aw") \
    OP(STORE_SHARED_F32, "st.shared.f32", "aw") \
    OP(READ_TID, "mov.b32 %tid.x", "w") \
    OP(READ_NTID, "mov.b32 %ntid.x", "w") \
    OP(READ_CTAID, "mov.b32 %ctaid.x", "w") \
    OP(READ_NCTAID, "mov.b32 %nctaid.x", "w") \
    OP(READ_LANE, "mov.b32 %laneid", "w")

#define NAME_FIRST(name, ...) name,
enum operation {
    UNARY_OPERATIONS(NAME_FIRST) BINARY_OPERATIONS(NAME_FIRST) COMPARISONS(NAME_FIRST) PREDICATE_OPERATIONS(NAME_FIRST) OTHER_OPERATIONS(NAME_FIRST)
    OPERATIONS
};
#undef NAME_FIRST
