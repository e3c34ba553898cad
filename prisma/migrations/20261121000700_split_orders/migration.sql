-- AlterTable
ALTER TABLE "route_decisions" ADD COLUMN "legs" JSONB;
